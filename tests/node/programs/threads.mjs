// Prints how many threads lpchat has in this process at five moments.

import { readFileSync, readdirSync } from 'node:fs';

/** Node starts threads of its own when it likes; lpchat's have its name. */
const names = () => readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());
const count = () => names().filter((name) => name === 'lpchat').length;
const counts = { before: count() };
const { Client } = await import('lpchat');
counts.imported = count();
const clients = Array.from({ length: 10 }, () => new Client(JSON.parse(process.argv[2])));
const chat = clients[0].visitor.chat('K1');
counts.made = count();
await chat.retrieveInformation().catch((error) => (counts.error = error.message));
counts.called = count();
await Promise.all(clients.map((client) => client.visitor.chat('K1').retrieveInformation()));
counts.many = count();
console.log(JSON.stringify(counts));
