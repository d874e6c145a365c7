// Prints how many threads this process has at four moments.

import { readdirSync } from 'node:fs';

const count = () => readdirSync('/proc/self/task').length;
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
