// A search with lpchat: eight fields and the texts of all lines are read.
import { Client } from 'lpchat'
import { END, PAGE, Reading, START, Stopwatch, line } from './common.mjs'

const client = new Client({ sandbox: line })
await client.history.count({ start: new Date(START), end: new Date(START + 600_000) })
const reading = new Reading()
const watch = new Stopwatch()
const search = client.history.search({ start: new Date(START), end: new Date(END), pageSize: PAGE })
for await (const record of search) reading.engagement(record)
watch.report(1, reading.check)
process.exit()
