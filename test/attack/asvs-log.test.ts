/** The log, as whoever collects it reads it. */
import { capturedLog, capturedSecurityLog } from '#test/support/captured-log.ts';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

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

describe('a line on security', () => {
  it('F19 goes to a stream of its own, where no other line is, and holds ids and codes alone', () => {
    const before = [capturedLog().length, capturedSecurityLog().length];
    log.error('something else', { shopId: 'a', error: new Error('x') });
    const more = { shopId: 'a', actor: 'staff:1', email: 'canary@example.com', url: 'https://canary.example' };
    log.security('access refused', { ...more, code: 'permission-missing', route: 'app.staff' });
    const [all, security] = [capturedLog().slice(before[0]), capturedSecurityLog().slice(before[1])];
    expect(all.trim().split('\n')).toHaveLength(2);
    expect(security.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(security)).toEqual({
      level: 40,
      time: expect.any(String) as string,
      stream: 'security',
      msg: 'access refused',
      shopId: 'a',
      actor: 'staff:1',
      code: 'permission-missing',
      route: 'app.staff',
    });
  });

  it('F19 goes to the file that is named for it, whatever level all others are cut at', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'security-log-')), 'security.jsonl');
    const script = `
      const { log } = await import('#app/lib/log.ts');
      log.info('an order came');
      log.security('authentication passed', { code: 'staff-pin', shopId: 'a' });
      log.error('a job failed');
    `;
    const run = (environment: Record<string, string>) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { NODE_ENV: 'test', LOG_LEVEL: 'error', ...environment },
        encoding: 'utf8',
      });
    const messagesIn = (text: string) =>
      text
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { msg: string }).msg);
    const [filed, plain] = [run({ SECURITY_LOG_FILE: file }), run({})];
    expect([filed, plain].map(({ stdout }) => messagesIn(stdout))).toEqual([['a job failed'], ['a job failed']]);
    expect([filed.stderr, plain.stderr].map(messagesIn)).toEqual([[], ['authentication passed']]);
    expect(messagesIn(readFileSync(file, 'utf8'))).toEqual(['authentication passed']);
    expect(statSync(file).mode & 0o077).toBe(0);
    rmSync(path.dirname(file), { recursive: true });
  });
});
