import { describe, expect, it } from 'vitest';

import { consequenceOf, problemOf, type PushOutcome, pushTriesMax } from '#app/domain/cards/push-outcome.ts';

const at = new Date('2026-11-22T12:00:00Z');
const tokenAt = new Date('2026-11-20T12:00:00Z');
const after = (ms: number) => new Date(at.getTime() + ms);
const follows = (outcome: PushOutcome, tries = 0) => consequenceOf(outcome, { tokenAt, tries, at });

describe('what follows from a push', () => {
  it('that was taken: the device is told', () => {
    expect(follows({ kind: 'accepted' })).toEqual({ kind: 'told' });
  });

  it('A4 to a device that is gone: it is dropped, unless it told us its token after that', () => {
    expect(follows({ kind: 'gone', since: null })).toEqual({ kind: 'dropped', tokenAt });
    expect(follows({ kind: 'gone', since: at })).toEqual({ kind: 'dropped', tokenAt });
    expect(follows({ kind: 'gone', since: new Date('2026-11-19T12:00:00Z') }).kind).toBe('later');
  });

  it('A5 to a token that was never good: it is dropped', () => {
    expect(follows({ kind: 'bad-token' })).toEqual({ kind: 'dropped', tokenAt });
  });

  it('A6 under a refused certificate: no device is dropped and none has used up a try', () => {
    const refused: PushOutcome = { kind: 'certificate-refused', reason: 'BadCertificate', retryAfterMs: 30_000 };
    for (const tries of [0, pushTriesMax - 1, 1_000])
      expect(follows(refused, tries)).toEqual({ kind: 'later', at: after(30_000), isCounted: false });
  });

  it('A7 that Apple put off: it is tried again when Apple says, or after twice as long each time, and not for ever', () => {
    expect(follows({ kind: 'throttled', retryAfterMs: 7_000 })).toEqual({
      kind: 'later',
      at: after(7_000),
      isCounted: true,
    });
    const waits = Array.from({ length: pushTriesMax }, (_, tries) =>
      follows({ kind: 'unavailable', reason: 'status 503' }, tries),
    ).map((next) => (next.kind === 'later' ? (next.at.getTime() - at.getTime()) / 1_000 : next.kind));
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 'given-up']);
  });

  it('that was not sent because the lane rests: no try is used up', () => {
    const unsent: PushOutcome = { kind: 'unavailable', reason: 'ECONNREFUSED', retryAfterMs: 1_000, isUnsent: true };
    expect(follows(unsent, 1_000)).toEqual({ kind: 'later', at: after(1_000), isCounted: false });
  });
});

it('the gravest of several troubles is named', () => {
  const [taken, slow]: PushOutcome[] = [{ kind: 'accepted' }, { kind: 'throttled', retryAfterMs: 1 }];
  const silent: PushOutcome = { kind: 'unavailable', reason: 'x' };
  const refused: PushOutcome = { kind: 'certificate-refused', reason: 'x', retryAfterMs: 1 };
  expect(
    [[], [taken], [taken, slow], [slow, silent], [silent, refused]].map((each) => problemOf(each as PushOutcome[])),
  ).toEqual([null, null, 'apns-throttled', 'apns-unavailable', 'apns-certificate-refused']);
});
