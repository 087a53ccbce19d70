import { describe, expect, it } from 'vitest';

import { problemSchema } from '#app/contracts/problem.ts';
import {
  Conflict,
  Forbidden,
  InvalidInput,
  NotFound,
  RateLimited,
  Rejected,
  Unauthenticated,
  Unavailable,
} from '#app/lib/errors.ts';

// The log reads its level when it is loaded.
process.env['LOG_LEVEL'] = 'silent';
const { describeFailure, describeStatus } = await import('#app/web/problem.ts');

describe('a failure on its way out', () => {
  it.each([
    [new InvalidInput('a', 'within'), 422],
    [new Unauthenticated('a', 'within'), 401],
    [new Forbidden('a', 'within'), 403],
    [new NotFound('a', 'within'), 404],
    [new Conflict('a', 'within'), 409],
    [new RateLimited('a', 'within'), 429],
    [new Unavailable('a', 'within'), 503],
    [new Rejected('a', 'within'), 502],
  ])('%o has its own status, and every field of a problem without telling more than its code', (failure, status) => {
    const described = describeFailure(failure, '/here');
    expect(described.status).toBe(status);
    expect(problemSchema.parse(described.problem)).toEqual(described.problem);
    expect(described.problem).toMatchObject({ status, code: 'a', instance: '/here', type: 'urn:stampwell:problem:a' });
    expect(described.problem.detail).toMatch(/^[A-Z].*\.$/);
    expect(described.problem.detail).not.toContain('within');
    expect(described.problem.title).not.toBe('');
    // Pages have words of their own.
    expect(describeFailure(failure).problem).not.toHaveProperty('detail');
  });

  it('says what is missing, and that a cursor of nobody is no request at all', () => {
    const missing = new NotFound('simulation-not-found', 'm');
    expect(describeFailure(missing, '/here').problem.detail).toBe('There is no such simulation.');
    expect(describeFailure(new InvalidInput('bad-cursor', 'm'), '/here').status).toBe(400);
  });

  it('tells the words meant for people', () => {
    expect(describeFailure(new Conflict('a', 'secret', { publicMessage: 'Told.' })).problem.detail).toBe('Told.');
  });

  it('says when to come back, in whole seconds and never at once', () => {
    const after = (failure: unknown) => describeFailure(failure).headers['retry-after'];
    expect(after(new RateLimited('a', 'm', { retryAfterMs: 1_200 }))).toBe('2');
    expect(after(new RateLimited('a', 'm', { retryAfterMs: 0 }))).toBe('1');
    expect(after(new Unavailable('a', 'm'))).toBe('5');
    expect(after(new NotFound('a', 'm'))).toBeUndefined();
  });

  it('that nobody expected says nothing of itself', () => {
    for (const error of [new Error('password=hunter2'), 'hunter2', null, { message: 'hunter2' }]) {
      const described = describeFailure(error);
      expect([described.status, described.problem.code]).toEqual([500, 'internal-error']);
      expect(JSON.stringify(described)).not.toContain('hunter2');
    }
  });

  it('keeps within the limits of its schema', () => {
    const long = describeStatus(400, { code: 'bad', detail: 'x'.repeat(5_000), instance: `/${'y'.repeat(500)}` });
    expect(problemSchema.parse(long)).toEqual(long);
  });
});
