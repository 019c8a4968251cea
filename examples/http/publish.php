#!/usr/bin/env php
<?php
// SPDX-License-Identifier: Apache-2.0
//
// Publishes events over HTTP from PHP 7.4 or newer, without extensions: publish.php URL FILE, the token in $HOSO_TOKEN.
// FILE has one event a line (hoso-events(5)). Ends with 0 when all are journaled and synced, with 3 when some were refused,
// with 1 when nothing more could be sent.

const EVENTS_MAX = 1000; // of one request; the gateway takes 4,096 and 4 MiB

// One request, sent again until it is answered: what was taken before is a duplicate and counts once.
function post(string $url, string $body): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ['Authorization: Bearer ' . getenv('HOSO_TOKEN'), 'Content-Type: application/x-ndjson'],
        'content' => $body,
        'timeout' => 60,
        'ignore_errors' => true, // read the body of a refusal, too
    ]]);
    for (;;) {
        $answer = @file_get_contents("$url/v1/events", false, $context);
        $headers = $http_response_header ?? [];
        $status = $answer === false ? 0 : (int) explode(' ', $headers[0] ?? '')[1];
        if ($status === 200) {
            return json_decode($answer, true, 512, JSON_THROW_ON_ERROR);
        }
        if ($status !== 0 && $status !== 503) {
            fwrite(STDERR, json_decode($answer, true)['detail'] . "\n");
            exit(1);
        }
        fwrite(STDERR, "not taken yet; sending the same again\n");
        $after = preg_grep('/^Retry-After: *\d+$/i', $headers);
        sleep($after ? (int) substr(reset($after), strlen('Retry-After:')) : 5);
    }
}

[, $url, $file] = $argv;
$lines = array_filter(array_map('rtrim', file($file)), 'strlen'); // their numbers are kept: 0, 1, …
$taken = $refused = 0;
foreach (array_chunk($lines, EVENTS_MAX, true) as $part) {
    $answer = post($url, implode("\n", $part));
    $taken += $answer['taken'];
    $refused += $answer['refused'];
    $numbers = array_keys($part);
    foreach ($answer['results'] as $result) {
        if ($result['result'] === 'REFUSED') {
            $line = $numbers[$result['index']] + 1;
            fwrite(STDERR, "$file:$line: {$result['field']}: {$result['reason']}\n");
        }
    }
}
echo "$taken taken, $refused refused\n";
exit($refused ? 3 : 0);
