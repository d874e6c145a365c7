// What a client costs that does nothing: `idle.mjs lpchat` or `idle.mjs fetch`.
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { line, statusKib, url } from './common.mjs'

const what = process.argv[2]
const state = (when) => console.log(when, readdirSync('/proc/self/task').length, statusKib('VmRSS'))

state('started')
const Client = what === 'lpchat' ? (await import('lpchat')).Client : Object
state('imported')
const clients = Array.from({ length: 100 }, () => new Client({ sandbox: line }))
state('made 100 clients')
await (what === 'lpchat' ? clients[0].retrieveDomain('agentVep') : fetch(url).then((response) => response.json()))
await sleep(500)
state('called and idle')
process.exit()
