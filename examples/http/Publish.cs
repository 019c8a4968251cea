// SPDX-License-Identifier: Apache-2.0
//
// Publishes events over HTTP from C#, .NET Framework 4.7.2, .NET 6 or Mono, without packages: Publish URL FILE, the token
// in $HOSO_TOKEN. FILE has one event a line (hoso-events(5)). Ends with 0 when all are journaled and synced, with 3 when
// some were refused, with 1 when nothing more could be sent.
//
//     mcs -r:System.Net.Http -r:System.Runtime.Serialization -r:System.Xml.Linq Publish.cs      # Mono
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading.Tasks;
using System.Xml;
using System.Xml.Linq;

static class Publish
{
    const int EventsMax = 1000; // of one request; the gateway takes 4,096 and 4 MiB

    static readonly HttpClient client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };

    static XElement Parse(string json)
    {
        return XElement.Load(JsonReaderWriterFactory.CreateJsonReader(
            Encoding.UTF8.GetBytes(json), XmlDictionaryReaderQuotas.Max));
    }

    // One request, sent again until it is answered: what was taken before is a duplicate and counts once.
    static async Task<XElement> Post(string url, string body)
    {
        for (;;)
        {
            var wait = TimeSpan.FromSeconds(5);
            var why = "the gateway is busy, or cannot reach intake";
            try
            {
                var content = new StringContent(body, Encoding.UTF8, "application/x-ndjson");
                using (var answer = await client.PostAsync(url + "/v1/events", content))
                {
                    var text = await answer.Content.ReadAsStringAsync();
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        return Parse(text);
                    }
                    if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                    {
                        Console.Error.WriteLine((string)Parse(text).Element("detail"));
                        Environment.Exit(1);
                    }
                    wait = answer.Headers.RetryAfter?.Delta ?? wait;
                }
            }
            catch (Exception noAnswer) when (noAnswer is HttpRequestException || noAnswer is TaskCanceledException)
            {
                why = noAnswer.GetBaseException().Message;
            }
            Console.Error.WriteLine("not taken yet ({0}); sending the same again in {1} s", why, wait.TotalSeconds);
            await Task.Delay(wait);
        }
    }

    static async Task<int> Run(string url, string file)
    {
        var token = Environment.GetEnvironmentVariable("HOSO_TOKEN");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var lines = File.ReadAllLines(file).Select((text, at) => new { text, number = at + 1 })
            .Where(line => line.text.Trim() != "").ToList();
        int taken = 0, refused = 0;
        for (int first = 0; first < lines.Count; first += EventsMax)
        {
            var part = lines.Skip(first).Take(EventsMax).ToList();
            var answer = await Post(url, string.Join("\n", part.Select(line => line.text)));
            taken += (int)answer.Element("taken");
            refused += (int)answer.Element("refused");
            foreach (var result in answer.Element("results").Elements())
            {
                if ((string)result.Element("result") == "REFUSED")
                {
                    Console.Error.WriteLine("{0}:{1}: {2}: {3}", file, part[(int)result.Element("index")].number,
                        (string)result.Element("field"), (string)result.Element("reason"));
                }
            }
        }
        Console.WriteLine("{0} taken, {1} refused", taken, refused);
        return refused > 0 ? 3 : 0;
    }

    static int Main(string[] arguments)
    {
        return Run(arguments[0], arguments[1]).GetAwaiter().GetResult();
    }
}
