// A search with lpchat: eight fields and the texts of all lines are read.
import { Client } from 'lpchat'
import { END, PAGE, START, Stopwatch, line } from './common.mjs'

const client = new Client({ sandbox: line })
await client.history.count({ start: new Date(START), end: new Date(START + 600_000) })
let seen = 0
let characters = 0
const watch = new Stopwatch()
for await (const { info, transcript } of client.history.search({ start: new Date(START), end: new Date(END), pageSize: PAGE })) {
  const { engagementId, startTime, endTime, durationSeconds, skillName, agentNickname, visitorId, endReason } = info
  const fields = [engagementId, startTime, endTime, durationSeconds, skillName, agentNickname, visitorId, endReason]
  seen += fields.filter((value) => value !== undefined).length
  for (const { text } of transcript.lines) characters += text?.length ?? 0
}
watch.report(1, `${seen}/${characters}`)
process.exit()
