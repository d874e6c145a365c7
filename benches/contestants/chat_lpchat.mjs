// Polling many chats with lpchat.
import { Client } from 'lpchat'
import { CONNECTIONS, EVENTS, INTERVAL, run, user } from './chats.mjs'
import { line } from './common.mjs'

const client = new Client({ sandbox: line, pollInterval: INTERVAL, quietPollInterval: INTERVAL, pollConcurrency: CONNECTIONS })

await run(async (number) => {
  let next = 0
  for await (const event of client.visitor.chat(`H${number}K${number}`).events()) {
    user.read(next++, event.id, event.text)
    if (next === EVENTS) return
  }
})
