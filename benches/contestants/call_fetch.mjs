// One look-up after the other with fetch.
import { CALLS, Stopwatch, url } from './common.mjs'

const once = async () => (await (await fetch(url)).json()).service
let service = await once()
const watch = new Stopwatch()
for (let i = 0; i < CALLS; i++) service = await once()
watch.report(CALLS, service)
