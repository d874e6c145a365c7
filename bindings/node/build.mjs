// Builds the package in place: the addon `lpchat.node`, the JavaScript and declarations in `dist`.
//
//   node bindings/node/build.mjs [--release] [--sandbox]
//
// `--sandbox` also builds `lpchat-sandbox` and puts it into the package, as `npm pack` wants it. There is no
// `napi build` here: it compiles everything a second time, into a folder of its own (for the host's triple).

import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const flags = new Set(process.argv.slice(2));
const unknown = [...flags].find((flag) => !['--release', '--sandbox'].includes(flag));
if (unknown) {
  throw new Error(`unknown flag ${unknown}; there are --release and --sandbox`);
}

function run(command, parameters, options = {}) {
  const result = spawnSync(command, parameters, { cwd: root, stdio: 'inherit', maxBuffer: 1 << 28, ...options });
  if (result.error) {
    throw new Error(`${command} cannot be started: ${result.error.message}`);
  }
  if (result.status !== 0) {
    process.exit(result.status ?? 1);
  }
  return result;
}

/** Builds a package with cargo; gives the file that is of this kind. Only cargo knows where it lies. */
function cargo(name, kind) {
  const parameters = ['build', '--package', name, '--message-format', 'json-render-diagnostics'];
  const { stdout } = run('cargo', flags.has('--release') ? [...parameters, '--release'] : parameters, {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const messages = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const made = messages.find(
    (message) => message.reason === 'compiler-artifact' && message.target.kind.includes(kind) && message.package_id.includes(name),
  );
  return kind === 'bin' ? made.executable : made.filenames.find((file) => /\.(so|dylib|dll)$/.test(file));
}

/** Puts a file in place at once: a process that has the old one loaded keeps it. */
function install(from, to) {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

/** One file instead of twenty, which load in two thirds of the time; the declarations stay as they are. */
function bundle(folder) {
  const [entry, outfile] = [join(folder, 'index.js'), join(folder, 'bundle.js')];
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', external: ['*.node'] });
  for (const file of readdirSync(folder, { recursive: true })) {
    if (file.endsWith('.js') && file !== 'bundle.js') {
      rmSync(join(folder, file));
    }
  }
  renameSync(outfile, entry);
}

const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
rmSync(join(here, 'dist'), { recursive: true, force: true });
run(process.execPath, [join(dirname(compiler), 'bin', 'tsc'), '--project', here]);
bundle(join(here, 'dist'));
install(cargo('lpchat-node', 'cdylib'), join(here, 'lpchat.node'));
if (flags.has('--sandbox')) {
  install(cargo('lpchat-sandbox', 'bin'), join(here, process.platform === 'win32' ? 'lpchat-sandbox.exe' : 'lpchat-sandbox'));
}
