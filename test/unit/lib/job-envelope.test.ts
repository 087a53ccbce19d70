import { randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';

import { openJob, signJob } from '#app/lib/job-envelope.ts';
import { setKeyRing } from '#app/lib/key-ring.ts';

const kek = (id: string) => ({ id, bytes: randomBytes(32) });
const [older, newer] = [kek('one'), kek('two')];
const payload = { shopId: 'a', passId: 'b', isBulk: false, after: null };

beforeEach(() => setKeyRing([newer, older]));

describe('the envelope of a job', () => {
  it('F03 gives back what was signed, whatever the queue does to its order and whatever its clock adds', () => {
    const queued = signJob('regenerate-pass', payload);
    expect(openJob('regenerate-pass', queued)).toEqual({ payload, problem: null });
    const stored = Object.fromEntries(Object.entries(queued).toReversed());
    expect(openJob('regenerate-pass', { ...stored, _cron: { ts: 'x' } })).toEqual({ payload, problem: null });
  });

  it('F03 opens no payload with anything added, taken away, changed or moved to another task', () => {
    const queued = signJob('regenerate-pass', payload);
    const { shopId: _, ...less } = queued;
    const altered: unknown[] = [
      { ...queued, shopId: 'z' },
      { ...queued, more: 1 },
      less,
      payload,
      { ...payload, $envelope: null },
      { ...queued, $envelope: { ...(queued['$envelope'] as object), version: 2 } },
      { ...queued, $envelope: { ...(queued['$envelope'] as object), key: 'one' } },
      { ...queued, $envelope: { ...(queued['$envelope'] as object), mac: '' } },
      { ...queued, $envelope: { key: 'two', version: 1, mac: 7 } },
      [queued],
      null,
      'text',
    ];
    expect(altered.filter((one) => openJob('regenerate-pass', one).problem === null)).toEqual([]);
    expect(openJob('push-apple', queued).problem).not.toBeNull();
    fc.assert(fc.property(fc.jsonValue(), (value) => openJob('purge', value).problem !== null));
  });

  it('experiment 34: opens what an older key signed until that key is taken away', () => {
    setKeyRing([older]);
    const queued = signJob('purge', payload);
    setKeyRing([newer, older]);
    expect(openJob('purge', queued).problem).toBeNull();
    setKeyRing([newer]);
    expect(openJob('purge', queued).problem).toMatch(/not there any more/);
  });
});
