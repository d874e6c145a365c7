// The same package by `require`, with its own declarations.

import lpchat = require('lpchat');

export async function count(): Promise<number> {
  const client: lpchat.Client = new lpchat.Client();
  const metrics: lpchat.Metrics = client.metrics;
  try {
    return (await client.history.count({ start: 0, end: Date.now() })) + metrics.calls;
  } catch (error) {
    if (lpchat.LpchatError.is(error) && error.family === 'Authentication') {
      return -1;
    }
    throw error;
  }
}
