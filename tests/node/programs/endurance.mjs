// Makes clients, uses them, closes or forgets them; prints what is there before and after.

import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Client } from 'lpchat';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const options = JSON.parse(process.argv[2]);
const cycles = Number(process.argv[3]);

async function one(number) {
  const client = new Client(options);
  await client.retrieveDomain('agentVep');
  if (number % 2 === 0) {
    await client.close();
  }
}

async function state() {
  // Handles are released in a turn of the loop after their objects were collected.
  for (let turn = 0; turn < 5; turn += 1) {
    collect();
    await sleep(20);
  }
  const count = (folder) => readdirSync(folder).length;
  return { threads: count('/proc/self/task'), descriptors: count('/proc/self/fd'), kib: Math.round(process.memoryUsage().rss / 1024) };
}

for (let number = 0; number < Math.max(cycles / 10, 50); number += 1) {
  await one(number);
}
const before = await state();
for (let number = 0; number < cycles; number += 1) {
  await one(number);
}
console.log(JSON.stringify({ before, after: await state() }));
