// Starting Node and importing one package: the whole process.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { report } from './common.mjs'

const entry = fileURLToPath(new URL('../../bindings/node/index.mjs', import.meta.url))
const code = process.argv[2] === 'bare' ? '0' : `await import(${JSON.stringify(entry)})`
const run = () => spawnSync(process.execPath, ['--input-type=module', '-e', code])
run()
const ROUNDS = 15
const begun = performance.now()
for (let i = 0; i < ROUNDS; i++) run()
report(begun, ROUNDS, 'started')
