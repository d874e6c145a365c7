// Polling many chats with `undici` or with `fetch`: the cursor is kept, events are read in order.
import { setTimeout as sleep } from 'node:timers/promises'
import { CONNECTIONS, EVENTS, INTERVAL, run, user } from './chats.mjs'
import { sandbox } from './common.mjs'

const headers = { authorization: 'LivePerson appKey=key', accept: 'application/json' }
const getters = {
  async undici() {
    const { Pool } = await import('undici')
    const pool = new Pool(sandbox.domain_origin, { connections: CONNECTIONS })
    return async (path) => (await pool.request({ method: 'GET', path, headers })).body.json()
  },
  async fetch() {
    let free = CONNECTIONS
    const waiting = []
    return async (path) => {
      if (free > 0) free--
      else await new Promise((resolve) => waiting.push(resolve))
      try {
        return await (await fetch(sandbox.domain_origin + path, { headers })).json()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else free++
      }
    }
  },
}
const get = await getters[process.argv[2]]()

await run(async (number, chats) => {
  const path = `/api/account/${sandbox.account_id}/chat/H${number}K${number}.json?v=1&NC=true&from=`
  let next = 0
  let due = performance.now() + (INTERVAL * number) / chats
  while (next < EVENTS) {
    const early = due - performance.now()
    if (early > 0) await sleep(early)
    due += INTERVAL
    const { chat } = await get(path + next)
    const events = [chat.events.event ?? []].flat().sort((one, other) => one['@id'] - other['@id'])
    for (const event of events) {
      if (Number(event['@id']) >= next && next < EVENTS) user.read(next++, event['@id'], event.text)
    }
    if (chat.info.state === 'ended') return
  }
})
