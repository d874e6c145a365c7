// The programs that users are shown.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { root } from './support.mjs';

const run = (file, ...parameters) => promisify(execFile)(process.execPath, [join(root, 'examples', file), ...parameters]);

test('the quickstart runs as it stands in the README', async () => {
  const source = readFileSync(join(root, 'examples', 'quickstart', 'quickstart.mjs'), 'utf8');
  const readme = readFileSync(join(root, 'bindings', 'node', 'README.md'), 'utf8');
  assert.equal(readme.match(/<!-- quickstart -->\n```js\n([\s\S]*?)```/)[1], source);
  assert.ok(source.trim().split('\n').length <= 12);
  const { stdout, stderr } = await run('quickstart/quickstart.mjs');
  assert.equal(stderr, '');
  assert.match(stdout, /^waiting\n2\d{3}-.*Z \w+ \S/);
});

test('the backend serves visitors at once, and drains', { timeout: 120_000 }, async () => {
  const { stdout, stderr } = await run('node-backend/drive.mjs', '20');
  assert.equal(stderr, '');
  assert.match(stdout, /20 visitors at once, 20 chats ended, 60 lines sent, 80 received/);
  assert.match(stdout, /"drained: 3 chats ended", exit code 0/);
});
