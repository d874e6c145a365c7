import { Client, Sandbox } from 'lpchat';

const sandbox = await Sandbox.start({ seed: 7 });
const client = new Client(sandbox.config);
const chat = await client.visitor.startChat({ skill: 'Sales', preChatLines: ['Order 42'] });
console.log((await chat.retrieveInformation()).state);

const [start, end] = [new Date(Date.now() - 28 * 86_400_000), new Date()];
for await (const engagement of client.history.search({ start, end, keyword: '"money back"', limit: 3 })) {
  console.log(engagement.startTime, engagement.skillName, engagement.transcript.lines[0]?.text);
}
await client.close().then(() => sandbox.close());
