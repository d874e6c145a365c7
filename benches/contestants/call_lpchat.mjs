// One look-up after the other with lpchat.
import { Client } from '../../bindings/node/index.mjs'
import { CALLS, line, report } from './common.mjs'

const client = new Client({ sandbox: line })
let service = (await client.retrieveDomain('agentVep')).service
const begun = performance.now()
for (let i = 0; i < CALLS; i++) service = (await client.retrieveDomain('agentVep')).service
report(begun, CALLS, service)
await client.close()
