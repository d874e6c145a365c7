// What the Node contestants share.
export const line = process.env.SANDBOX_LINE
export const sandbox = JSON.parse(line)
export const CALLS = 2000

export function report(begun, iterations, check) {
  const seconds = (performance.now() - begun) / 1000 / iterations
  console.log(JSON.stringify({ seconds, check, peak_kib: process.resourceUsage().maxRSS }))
}
