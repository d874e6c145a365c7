// What the Node contestants share that poll chats: `saturated CHATS EVENTS` until so many events of each chat were read, or
// `paced CHATS SECONDS INTERVAL_MS`, of which so long is measured.
import { get } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stopwatch, sandbox, sockets, statusKib } from './common.mjs'

const [how, ...numbers] = process.argv.slice(process.argv.findIndex((word) => word === 'saturated' || word === 'paced'))
const [chats, second, third] = numbers.map(Number)
const saturated = how === 'saturated'
export const CONNECTIONS = 48
/** How many events of a chat are read. */
export const EVENTS = saturated ? second : Infinity
/** From the start of one poll to the start of the next; the shortest that lpchat allows where all are to be as fast as can be. */
export const INTERVAL = saturated ? 10 : third

/** What the program does with the events of its chats, whoever brings them. */
class User {
  events = 0
  characters = 0

  read(expected, id, text) {
    if (Number(id) !== expected) throw new Error(`the events of a chat came as ${id} and not as ${expected}`)
    this.events++
    this.characters += text.length
  }
}
export const user = new User()

/** Does the work with what follows the chat of a number. */
export async function run(follow) {
  if (saturated) {
    const watch = new Stopwatch()
    await Promise.all(Array.from({ length: chats }, (_, number) => follow(number, chats)))
    watch.report(user.events, `${user.events}/${user.characters}`)
    process.exit()
  }
  const before = statusKib('VmRSS')
  for (let number = 0; number < chats; number++) follow(number, chats)
  // Until all polls are spread and steady.
  await sleep(Math.max(INTERVAL * 1.5, 1000))
  const bytes = ((statusKib('VmRSS') - before) * 1024) / chats
  // The server begins to count anew.
  await new Promise((resolve) => get(`${sandbox.domain_origin}/stats`, { agent: false }, (answer) => answer.resume().on('end', resolve)))
  const resolution = 1
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  const read = user.events
  const watch = new Stopwatch()
  await sleep(second * 1000)
  delay.disable()
  const more = { loop_delay_p99: Math.max(delay.percentile(99) / 1e9 - resolution / 1e3, 0), bytes_a_chat: bytes, sockets: sockets() }
  watch.report(user.events - read, 'paced', more)
  process.exit()
}
