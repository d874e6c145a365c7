// Starting Node and loading one package: the whole process. Each module system has a start of its own to compare with.
import { spawnSync } from 'node:child_process'
import { Stopwatch } from './common.mjs'

const CODE = {
  'bare-commonjs': ['commonjs', ''],
  require: ['commonjs', "require('lpchat')"],
  'bare-module': ['module', ''],
  import: ['module', "import 'lpchat'"],
}
const [type, code] = CODE[process.argv[2]]
const run = () => {
  // From here, where what was packed is installed, and not from the checkout, which is a package of the same name.
  const { status, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: import.meta.dirname })
  if (status !== 0) throw new Error(String(stderr))
}
run()
const ROUNDS = 20
const watch = new Stopwatch()
for (let i = 0; i < ROUNDS; i++) run()
watch.report(ROUNDS, 'started')
