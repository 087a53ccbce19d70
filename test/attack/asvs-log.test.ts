/** The log, as whoever collects it reads it. */
import { capturedLog } from '#test/support/captured-log.ts';
import { describe, expect, it } from 'vitest';

import { log, type LogFields } from '#app/lib/log.ts';

/** What one call writes. */
function written(write: () => void): string {
  const before = capturedLog().length;
  write();
  return capturedLog().slice(before);
}

describe('a log line', () => {
  it('is JSON with its level, its text, and its time in UTC', () => {
    const line = written(() => log.warn('something happened', { shopId: 'a', count: 3 }));
    const fields = JSON.parse(line) as Record<string, unknown>;
    expect(fields).toMatchObject({ level: 40, msg: 'something happened', shopId: 'a', count: 3 });
    expect(fields['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(String(fields['time'])) - Date.now())).toBeLessThan(10_000);
  });

  it('stays one line, whatever somebody put into a field', () => {
    const forged = 'x\n{"level":50,"msg":"forged"}\r\u2028\u0000%s%j\u001b[31m';
    const line = written(() => log.info('asked', { route: forged, topic: forged }));
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toMatchObject({ msg: 'asked', route: forged });
    for (const control of ['\r', '\u0000', '\u001b']) expect(line).not.toContain(control);
  });

  it('holds no field that may not be written, and of a foreign error not its words', () => {
    const more = { shopId: 'a', email: 'canary@example.com', token: 'canary-token' } as LogFields;
    const error = new Error('duplicate key (email)=(canary@example.com)');
    const line = written(() => log.error('failed', { ...more, error }));
    expect(line).not.toContain('canary');
    expect(line).not.toContain('duplicate');
    expect(JSON.parse(line)).toMatchObject({ shopId: 'a', error: { name: 'Error' } });
  });
});
