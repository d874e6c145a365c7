// What the Node contestants share.
import { readFileSync } from 'node:fs'

export const line = process.env.SANDBOX_LINE
const sandbox = JSON.parse(line)
export const url = `${sandbox.domain_origin}/api/account/${sandbox.account_id}/service/agentVep/baseURI.json?version=1.0`
export const CALLS = 2000

/** A size from what the system knows of this process; `resourceUsage` would count what the parent had before the start. */
export const statusKib = (name) => Number(readFileSync('/proc/self/status', 'utf8').match(new RegExp(`${name}:\\s+(\\d+)`))[1])

/** Runs from its making on. */
export class Stopwatch {
  #cpu = process.cpuUsage()
  #begun = performance.now()

  report(iterations, check) {
    const seconds = (performance.now() - this.#begun) / 1000 / iterations
    const { user, system } = process.cpuUsage(this.#cpu)
    const cpu = (user + system) / 1e6 / iterations
    console.log(JSON.stringify({ seconds, cpu, check, peak_kib: statusKib('VmHWM') }))
  }
}
