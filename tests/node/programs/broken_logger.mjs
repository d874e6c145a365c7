// Makes a call while the logger is broken.

import { Client, setLogger } from 'lpchat';

process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`));
setLogger({
  level: 'debug',
  log: () => {
    throw new Error('the logger is broken');
  },
});
const { state } = await new Client(JSON.parse(process.argv[2])).visitor.chat('K1').retrieveInformation();
console.log(state);
