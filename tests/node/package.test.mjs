// The package as users get it: both formats, declarations, the tarball, the loader's complaints.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import * as esm from 'lpchat';

import { root } from './support.mjs';

const require = createRequire(import.meta.url);
const binding = join(root, 'bindings', 'node');

function folderFor(t) {
  const folder = mkdtempSync(join(tmpdir(), 'lpchat-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('ESM and CJS give the same objects', () => {
  const cjs = require('lpchat');
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort(), 'bindings/codegen/src/node/mod.rs lists what is written by hand');
  for (const [name, value] of Object.entries(cjs)) {
    assert.equal(esm[name], value, name);
  }
  assert.ok(Object.keys(cjs).length > 50);
});

test('the types fit what users write, and refuse what they must', { timeout: 120_000 }, () => {
  const compiler = join(require.resolve('typescript/package.json'), '..', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', join(root, 'tests', 'node', 'types')], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

test('the declarations are documented, and have no `any`', () => {
  const folder = join(binding, 'dist');
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.d.ts'));
  assert.ok(files.length > 10);
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
    assert.ok(!/\bany\b/.test(code), `${file} has an any`);
    for (const [, name] of file.startsWith('generated') ? code.matchAll(/export declare class (\w+)/g) : []) {
      assert.match(text, new RegExp(`\\*/\\nexport declare class ${name}\\b`), `${name} in ${file}`);
    }
  }
});

test('the versions of package and core are one', () => {
  const manifest = readFileSync(join(root, 'Cargo.toml'), 'utf8');
  assert.equal(manifest.match(/^version = "(.*)"$/m)[1], require('lpchat/package.json').version);
});

test('the tarball installs and runs in both formats', { timeout: 180_000 }, (t) => {
  const folder = folderFor(t);
  const npm = (parameters, cwd) => execFileSync('npm', parameters, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], root));
  const names = packed.files.map((file) => file.path);
  for (const needed of ['package.json', 'bindings/node/index.mjs', 'bindings/node/dist/index.d.ts', 'bindings/node/lpchat.node', 'bindings/node/README.md']) {
    assert.ok(names.includes(needed), `${needed} is not in the tarball`);
  }
  assert.deepEqual(names.filter((name) => /\.(rs|ts)$/.test(name) && !/\.d\.ts$/.test(name)), []);

  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{"private": true}');
  npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, packed.filename)], user);
  const program = "console.log(new Client({ accountId: '12345678' }).accountId, LpchatError.name)";
  writeFileSync(join(user, 'a.mjs'), `import { Client, LpchatError } from 'lpchat';\n${program}`);
  writeFileSync(join(user, 'a.cjs'), `const { Client, LpchatError } = require('lpchat');\n${program}`);
  for (const file of ['a.mjs', 'a.cjs']) {
    assert.equal(execFileSync(process.execPath, [file], { cwd: user, encoding: 'utf8' }), '12345678 LpchatError\n');
  }
});

test('an addon that does not load says why, and what to do', (t) => {
  const folder = folderFor(t);
  cpSync(join(binding, 'dist'), join(folder, 'dist'), { recursive: true });
  const load = () => require(join(folder, 'dist', 'index.js'));
  assert.throws(load, (error) => {
    assert.match(error.message, /^lpchat cannot load its native addon for \w+-\w+, Node v/);
    assert.match(error.message, /There is no file .*lpchat\.node: install the package again, or build/);
    return true;
  });
  writeFileSync(join(folder, 'lpchat.node'), 'of another platform');
  assert.throws(load, (error) => {
    assert.match(error.message, /file too short|invalid ELF header|not a mach-o|not a valid/i);
    assert.match(error.message, /built for another platform/);
    assert.ok(error.cause instanceof Error);
    return true;
  });
});
