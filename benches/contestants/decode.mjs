// Decoding alone, of pages that lie in memory: `decode.mjs peer|lpchat FILE`.
import { readFileSync } from 'node:fs'
import { Client } from 'lpchat'
import { PAGE, Reading, Stopwatch } from './common.mjs'

const ROUNDS = 5
const [what, file] = process.argv.slice(2)
const records = readFileSync(file, 'utf8').trim().split('\n')
const pages = []
for (let at = 0; at < records.length; at += PAGE) {
  const page = records.slice(at, at + PAGE)
  pages.push(`{"_metadata":{"count":${page.length}},"interactionHistoryRecords":[${page.join(',')}]}`)
}
const { history } = new Client({ accountId: '70481526' })
const decode = {
  peer: (reading, page) => reading.records(JSON.parse(page).interactionHistoryRecords),
  lpchat: (reading, page) => history.decodePage(page).records.forEach((record) => reading.engagement(record)),
}[what]
const round = (reading) => pages.forEach((page) => decode(reading, page))
round(new Reading())
const reading = new Reading()
const watch = new Stopwatch()
for (let number = 0; number < ROUNDS; number++) round(reading)
watch.report(ROUNDS * pages.length, reading.check)
process.exit()
