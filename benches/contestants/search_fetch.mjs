// A search with fetch and JSON.parse, eight requests in flight: eight fields and the texts of all lines are read.
import { CONCURRENCY, END, PAGE, RECORDS, Reading, START, Stopwatch, sandbox } from './common.mjs'

const url = `${sandbox.domain_origin}/interaction_history/api/account/${sandbox.account_id}/interactions/search`
const headers = { authorization: 'Bearer bearer', accept: 'application/json', 'content-type': 'application/json' }
const body = JSON.stringify({ start: { from: START, to: END - 1 } })
const page = async (offset) => {
  const query = `offset=${offset}&limit=${PAGE}&sort=start:asc,engagementId:asc&source=bench`
  return (await (await fetch(`${url}?${query}`, { method: 'POST', headers, body })).json()).interactionHistoryRecords
}
const reading = new Reading()
const watch = new Stopwatch()
const flying = []
for (let offset = 0; offset < RECORDS || flying.length > 0; ) {
  while (offset < RECORDS && flying.length < CONCURRENCY) {
    flying.push(page(offset))
    offset += PAGE
  }
  reading.records(await flying.shift())
}
watch.report(1, reading.check)
process.exit()
