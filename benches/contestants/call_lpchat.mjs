// One look-up after the other with lpchat.
import { Client } from 'lpchat'
import { CALLS, Stopwatch, line } from './common.mjs'

const client = new Client({ sandbox: line })
let service = (await client.retrieveDomain('agentVep')).service
const watch = new Stopwatch()
for (let i = 0; i < CALLS; i++) service = (await client.retrieveDomain('agentVep')).service
watch.report(CALLS, service)
await client.close()
