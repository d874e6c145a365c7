// What an event costs that comes in a batch of 64: batches are read that are there already.
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'lpchat'
import { Stopwatch, line } from './common.mjs'

const [CHATS, BATCHES, SIZE] = [40, 7, 64]
const client = new Client({ sandbox: line, pollInterval: 10, quietPollInterval: 10 })
const streams = Array.from({ length: CHATS }, (_, number) => client.visitor.chat(`H${number}K${number}`).events())
for (const stream of streams) await stream.nextEvents(1, 0)
// Until every stream holds as many events as it ever does.
await sleep(1500)
let events = 0
let characters = 0
const watch = new Stopwatch()
for (const stream of streams) {
  for (let batch = 0; batch < BATCHES; batch++) {
    for (const event of (await stream.nextEvents(SIZE)).events) {
      events++
      characters += event.text.length + event.id.length + (event.source === 'agent')
    }
  }
}
watch.report(events, events > (CHATS * BATCHES * SIZE) / 2 ? 'True' : 'False')
process.exit()
