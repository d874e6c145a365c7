// No secret in anything that a program prints, logs or serialises.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';

import { Client, setLogger } from 'lpchat';

import { sandboxFor, serviceFor, json } from './support.mjs';

const SECRET = ['app_key', 'password', 'client_secret', 'oauth1_consumer_secret', 'oauth1_token_secret'];

/** All that can be printed of a value. */
function everything(value) {
  const printed = [inspect(value, { depth: 20, showHidden: true }), format('%o %O %s %j', value, value, value, plainOf(value))];
  return [...printed, String(value), value?.stack, value?.message].join('\n');
}

function plainOf(value) {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return null;
  }
}

test('nothing that is printed holds a secret', async (t) => {
  const sandbox = await sandboxFor(t);
  const line = JSON.parse(sandbox.config.sandbox);
  const secrets = SECRET.map((name) => line[name]);
  assert.ok(secrets.every((secret) => secret.length > 8));
  const printed = [];
  t.after(() => setLogger());
  setLogger({ level: 'debug', log: (record) => printed.push(JSON.stringify(record)) });

  const client = new Client(sandbox.config);
  printed.push(everything(client), everything(client.visitor), inspect(sandbox, { showHidden: true }), JSON.stringify(sandbox));
  const login = await client.agent.login();
  const session = await client.agent.startSession();
  const chat = await client.visitor.startChat({ skill: 'Human', ssoKey: 'facade-sso-canary' });
  await client.history.count({ start: new Date(Date.now() - 86_400_000), end: new Date() });
  printed.push(everything(login), everything(session), everything(chat));
  await chat.retrieveInformation();
  for (const action of [{ status: 401 }, { status: 500, body: `echo ${secrets.join(' ')}` }, { garbage: true }, { close: true }]) {
    await sandbox.admin('POST', '/admin/faults', { route: '*', times: 9, action });
    for (const work of [
      () => chat.retrieveInformation({ retries: 0 }),
      () => client.agent.refreshLogin({ retries: 0 }),
      () => client.history.count({ start: '2026-01-01', end: '2026-01-02' }, { retries: 0 }),
    ]) {
      printed.push(await work().then(everything, everything));
    }
    await sandbox.admin('DELETE', '/admin/faults');
  }
  const text = printed.join('\n');
  assert.ok(text.length > 10_000);
  for (const secret of [...secrets, 'facade-sso-canary', chat.id]) {
    const at = text.indexOf(secret);
    assert.equal(at, -1, `found a secret in: …${text.slice(Math.max(0, at - 200), at + 20)}`);
  }
});

test('a wrong option is named, its value is not', async (t) => {
  const { line } = await serviceFor(t, (_, response) => json(response, {}));
  const wrong = [
    { appKey: ['facade-canary'] },
    { password: { canary: 'facade-canary' } },
    { sandbox: JSON.stringify({ ...line, kind: 'other' }) },
    { oauth2: 'facade-canary' },
    { oauth2: { clientId: 'x', clientSecret: 'facade-canary', client_secret: 'facade-canary' } },
  ];
  for (const options of wrong) {
    assert.throws(
      () => new Client(options),
      (error) => !everything(error).includes('canary'),
    );
  }
});
