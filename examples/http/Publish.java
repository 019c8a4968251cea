// SPDX-License-Identifier: Apache-2.0
//
// Publishes events over HTTP from Java 17 or newer, without libraries: java Publish.java URL FILE, the token in
// $HOSO_TOKEN. FILE has one event a line (hoso-events(5)). Ends with 0 when all are journaled and synced, with 3 when some
// were refused, with 1 when nothing more could be sent.
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Publish {
    static final int EVENTS_MAX = 1000; // of one request; the gateway takes 4,096 and 4 MiB

    // A program of yours has a library for JSON; this one looks for the two members that it needs.
    static final Pattern TAKEN = Pattern.compile("\"taken\": *(\\d+)");
    static final Pattern REFUSED = Pattern.compile("\"refused\": *(\\d+)");
    static final Pattern REFUSAL = Pattern.compile("\\{\"index\": *(\\d+), *\"result\": *\"REFUSED\"[^}]*\\}");

    static final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    // One request, sent again until it is answered: what was taken before is a duplicate and counts once.
    static String post(String url, String body) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/events"))
            .header("Authorization", "Bearer " + System.getenv("HOSO_TOKEN"))
            .header("Content-Type", "application/x-ndjson")
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        for (;;) {
            long wait = 5;
            String why = "the gateway is busy, or cannot reach intake";
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return answer.body();
                }
                if (answer.statusCode() != 503) {
                    System.err.println(answer.body());
                    System.exit(1);
                }
                wait = answer.headers().firstValueAsLong("Retry-After").orElse(wait);
            } catch (IOException noAnswer) {
                why = noAnswer.toString();
            }
            System.err.println("not taken yet (" + why + "); sending the same again in " + wait + " s");
            Thread.sleep(wait * 1000);
        }
    }

    static int number(Pattern pattern, String answer) {
        Matcher found = pattern.matcher(answer);
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        List<String> lines = Files.readAllLines(Path.of(arguments[1])).stream().filter(line -> !line.isBlank()).toList();
        int taken = 0;
        int refused = 0;
        for (int first = 0; first < lines.size(); first += EVENTS_MAX) {
            List<String> part = lines.subList(first, Math.min(lines.size(), first + EVENTS_MAX));
            String answer = post(url, String.join("\n", part));
            taken += number(TAKEN, answer);
            refused += number(REFUSED, answer);
            for (Matcher refusal = REFUSAL.matcher(answer); refusal.find();) {
                int index = first + Integer.parseInt(refusal.group(1));
                System.err.println("event " + (index + 1) + ": " + refusal.group());
            }
        }
        System.out.println(taken + " taken, " + refused + " refused");
        System.exit(refused > 0 ? 3 : 0);
    }
}
