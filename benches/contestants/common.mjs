// What the Node contestants share.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

export const line = process.env.SANDBOX_LINE
export const sandbox = JSON.parse(line)
export const url = `${sandbox.domain_origin}/api/account/${sandbox.account_id}/service/agentVep/baseURI.json?version=1.0`
export const CALLS = 2000
// Searches take so many records, which start 256 s after one another, in pages of so many.
export const [RECORDS, PAGE, CONCURRENCY] = [2000, 100, 8]
export const START = 1_777_593_600_000
export const END = START + RECORDS * 256_000

/** A size from what the system knows of this process; `resourceUsage` would count what the parent had before the start. */
export const statusKib = (name) => Number(readFileSync('/proc/self/status', 'utf8').match(new RegExp(`${name}:\\s+(\\d+)`))[1])

/** Open descriptors that are sockets. */
export const sockets = () =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:')
    } catch {
      return false // The one that read the folder.
    }
  }).length

/** Seconds that the main thread has run. */
export const mainThread = () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9

/** Runs from its making on. */
export class Stopwatch {
  #cpu = process.cpuUsage()
  #main = mainThread()
  #begun = performance.now()

  /** `more` are figures beside those that all contestants have. */
  report(iterations, check, more = {}) {
    const wall = (performance.now() - this.#begun) / 1000
    const { user, system } = process.cpuUsage(this.#cpu)
    const cpu = (user + system) / 1e6
    const main_thread = (mainThread() - this.#main) / iterations
    const shared = { seconds: wall / iterations, cpu: cpu / iterations, check, peak_kib: statusKib('VmHWM') }
    console.log(JSON.stringify({ ...shared, cores: cpu / wall, main_thread, ...more }))
  }
}

const count = (fields) => fields.filter((value) => value !== undefined && value !== null).length
const characters = (lines) => lines.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)

/** Reads eight fields and the texts of all lines of records as JSON gives them. */
export class Reading {
  #seen = 0
  #characters = 0

  records(records) {
    for (const { info, transcript } of records) {
      const { engagementId, startTimeL, endTimeL, duration, skillName, agentNickName, visitorId, endReason } = info
      this.#seen += count([engagementId, startTimeL, endTimeL, duration, skillName, agentNickName, visitorId, endReason])
      this.#characters += characters(transcript.lines)
    }
  }

  /** The same of a record of lpchat. */
  engagement({ info, transcript }) {
    const { engagementId, startTime, endTime, durationSeconds, skillName, agentNickname, visitorId, endReason } = info
    this.#seen += count([engagementId, startTime, endTime, durationSeconds, skillName, agentNickname, visitorId, endReason])
    this.#characters += characters(transcript.lines)
  }

  get check() {
    return `${this.#seen}/${this.#characters}`
  }
}
