// Ends this process while calls are in flight: `exit_in_flight.mjs OPTIONS CALLS HOW DELAY`.

import { Client } from 'lpchat';

const [options, calls, how, delay] = process.argv.slice(2);
const client = new Client(JSON.parse(options));
const chat = client.visitor.chat('K1');
for (let call = 0; call < Number(calls); call += 1) {
  chat.retrieveInformation().catch(() => {});
}

const endings = {
  exit: () => process.exit(7),
  // A listener of `exit` is the last JavaScript that runs; a call begun there never settles.
  late: () => {
    process.once('exit', () => void chat.retrieveInformation());
    process.exit(7);
  },
  signal: () => process.kill(process.pid, 'SIGTERM'),
  close: async () => {
    await client.close();
    process.exitCode = 7;
  },
};
const end = () => endings[how]();
if (delay === '0') {
  end();
} else {
  setTimeout(end, Number(delay));
}
