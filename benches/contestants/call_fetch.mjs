// One look-up after the other with fetch.
import { CALLS, report, sandbox } from './common.mjs'

const url = `${sandbox.domain_origin}/api/account/${sandbox.account_id}/service/agentVep/baseURI.json?version=1.0`
const once = async () => (await (await fetch(url)).json()).service
let service = await once()
const begun = performance.now()
for (let i = 0; i < CALLS; i++) service = await once()
report(begun, CALLS, service)
