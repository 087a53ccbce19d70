/** The thread behind `secret-hash.ts`: takes one task at a time and answers with a hash, or whether one fits. */
import { parentPort } from 'node:worker_threads';

import { compareSync, hashSync } from 'bcryptjs';

import type { HashResult, HashTask } from '#app/lib/secret-hash.ts';

const cost = 12;

parentPort?.on('message', ({ id, secret, hash }: HashTask) => {
  const result = hash === null ? hashSync(secret, cost) : compareSync(secret, hash);
  parentPort?.postMessage({ id, result } satisfies HashResult);
});
