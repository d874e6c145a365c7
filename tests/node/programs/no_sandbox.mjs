// Starts a sandbox where there is none, and prints what it hears.

import { Sandbox } from 'lpchat';

await Sandbox.start().then(
  (sandbox) => sandbox.close(),
  (error) => console.log(String(error)),
);
