// Starts a sandbox, uses it, and forgets to close it.

import { Client, Sandbox } from 'lpchat';

const sandbox = await Sandbox.start();
await new Client(sandbox.config).retrieveDomains();
await new Promise((resolve) => process.stdout.write(`${sandbox.origin}\n`, resolve));
if (process.argv[2] === 'killed') {
  process.kill(process.pid, 'SIGKILL');
}
