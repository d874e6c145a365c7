// Starts and stops worker threads that use lpchat: `workers.mjs OPTIONS COUNT`. The options lead to a service whose
// chat K1 answers and whose chat K2 never does.

import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const MANNERS = ['ends', 'exits', 'terminated', 'throws'];

async function main() {
  const options = JSON.parse(process.argv[2]);
  const count = Number(process.argv[3]);
  const outcomes = [];
  for (let index = 0; index < count; index += 1) {
    const manner = MANNERS[index % MANNERS.length];
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { options, manner } });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.on('error', () => {});
    const state = await new Promise((resolve) => worker.once('message', resolve));
    if (manner === 'terminated') {
      await worker.terminate();
    }
    await ended;
    outcomes.push(state);
  }
  // Asked while this process still lives: its end closes every connection.
  let aborted = 0;
  for (let tries = 0; tries < 100 && aborted < count; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    aborted = await (await fetch(`${JSON.parse(options.sandbox).domain_origin}/aborted`)).json();
  }
  console.log(JSON.stringify({ outcomes, aborted }));
}

async function work() {
  const { Client } = await import('lpchat');
  const { options, manner } = workerData;
  const client = new Client(options);
  const { state } = await client.visitor.chat('K1').retrieveInformation();
  const hanging = client.visitor.chat('K2').retrieveInformation();
  hanging.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 20));
  parentPort.postMessage(state);
  if (manner === 'ends') {
    await client.close();
  } else if (manner === 'exits') {
    process.exit(3);
  } else if (manner === 'throws') {
    throw new Error('on purpose');
  }
}

await (isMainThread ? main() : work());
