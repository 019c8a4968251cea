#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// Publishes events over HTTP from Node.js 18 or newer: publish.mjs URL FILE, the token in $HOSO_TOKEN. FILE has one event a
// line (hoso-events(5)). Ends with 0 when all are journaled and synced, with 3 when some were refused, with 1 when nothing
// more could be sent.
import {readFile} from 'node:fs/promises'

const EVENTS_MAX = 1000 // of one request; the gateway takes 4,096 and 4 MiB
const [url, file] = process.argv.slice(2)
const token = process.env.HOSO_TOKEN

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

// One request, sent again until it is answered: what was taken before is a duplicate and counts once.
async function post(body) {
  for (;;) {
    let wait = 5
    let why = 'the gateway is busy, or cannot reach intake'
    try {
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: {'Authorization': `Bearer ${token}`, 'Content-Type': 'application/x-ndjson'},
        body,
        signal: AbortSignal.timeout(60_000),
      })
      if (answer.ok) return await answer.json()
      if (answer.status !== 503) {
        console.error((await answer.json()).detail)
        process.exit(1)
      }
      wait = Number(answer.headers.get('Retry-After') ?? wait)
    } catch (error) {
      why = error.cause?.message ?? error.message
    }
    console.error(`not taken yet (${why}); sending the same again in ${wait} s`)
    await sleep(wait * 1000)
  }
}

const lines = (await readFile(file, 'utf8')).split('\n').map((text, at) => ({text, number: at + 1})).filter(({text}) => text.trim())
let taken = 0
let refused = 0
for (let first = 0; first < lines.length; first += EVENTS_MAX) {
  const part = lines.slice(first, first + EVENTS_MAX)
  const answer = await post(part.map(({text}) => text).join('\n'))
  taken += answer.taken
  refused += answer.refused
  for (const {index, result, field, reason} of answer.results) {
    if (result === 'REFUSED') console.error(`${file}:${part[index].number}: ${field}: ${reason}`)
  }
}
console.log(`${taken} taken, ${refused} refused`)
process.exit(refused ? 3 : 0)
