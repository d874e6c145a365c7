const sandbox = await Sandbox.start({ seed: 7 });
const client = new Client(sandbox.config);
const chat = await client.visitor.startChat({ skill: 'Sales' });
console.log(String((await chat.retrieveInformation()).state));
const [start, end] = [new Date(Date.now() - 28 * 86_400_000), new Date()];
const keys = [];
for await (const engagement of client.history.search({ start, end })) {
  keys.push(`${engagement.engagementId} ${engagement.info.engagementSequence}`);
}
console.log(keys.length, new Set(keys).size, await client.history.count({ start, end }));
await client.retrieveDomain('nope').catch((error) => console.log(error instanceof LpchatError, error.code));
await client.close();
await sandbox.close();
