/** Parts of others with known weaknesses: found by comparing the lockfile with a registry, and held against the time frames. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Advice, type Registry, startRegistry } from '#test/platform/registry.ts';
import { readNoted, weaknessesIn } from '#workers/known-weaknesses.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const lockfile = read('package-lock.json');

const advice = (url: string, severity: string): Advice => ({
  id: 1,
  url,
  title: 'Planted for a test',
  severity,
  vulnerable_versions: '>=0.0.0',
});
const planted = 'https://github.com/advisories/GHSA-plan-ted0-0001';
const unused = 'https://github.com/advisories/GHSA-plan-ted0-0002';

let known: Record<string, Advice[]> | null = {};
let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry(() => known);
});
afterAll(() => registry.close());

/** The command as people run it, with npm's registry elsewhere. */
function compare(): Promise<{ status: number; told: Record<string, unknown> }> {
  const env = {
    ...process.env,
    npm_config_registry: registry.url,
    npm_config_fetch_retries: '0',
  };
  const program = path.join(root, 'workers', 'weaknesses.ts');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program],
      { env, cwd: root },
      (error, stdout) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ status: Number(error?.code ?? 0), told: JSON.parse(stdout) as Record<string, unknown> });
      },
    );
  });
}

describe('the command that compares parts with known weaknesses', () => {
  it('L10 ends with 1 and names a part that runs in production and has one, and asked about all of them', async () => {
    known = { jose: [advice(planted, 'high')], vitest: [advice(unused, 'critical')] };
    const { status, told } = await compare();
    expect([status, told['ok'], told['isCompared']]).toEqual([1, false, true]);
    expect(told['weaknesses']).toEqual([
      expect.objectContaining({ part: 'jose', advice: planted, severity: 'high', mendedBy: null, isOverdue: true }),
    ]);
    const { packages } = JSON.parse(lockfile) as {
      packages: Record<string, { version?: string; dev?: boolean; link?: boolean }>;
    };
    const inProduction = Object.entries(packages).filter(
      ([place, { dev, link }]) => place !== '' && dev !== true && link !== true,
    );
    const missed = inProduction.filter(([place, { version }]) => {
      const [name = ''] = place.split('node_modules/').slice(-1);
      return !registry.asked()[name]?.includes(version ?? '');
    });
    expect(inProduction.length).toBeGreaterThan(150);
    expect(missed.map(([place]) => place)).toEqual([]);
  });

  it('L10 ends with 0 when no part that runs in production has one', async () => {
    known = { vitest: [advice(unused, 'critical')] };
    expect(await compare()).toEqual({ status: 0, told: { ok: true, isCompared: true, weaknesses: [] } });
  });

  it('L10 ends with 2 when the registry has no such list: that is not counted as passed', async () => {
    known = null;
    const { status, told } = await compare();
    expect([status, told['ok'], told['isCompared']]).toEqual([2, false, false]);
    expect(told['reason']).toContain('nothing was compared');
  });
});

describe('a weakness that is known', () => {
  const report = (severity: string) =>
    JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: { jose: { via: [advice(planted, severity), 'another'], nodes: ['node_modules/jose'] } },
    });
  const foundOn = '2026-01-01';
  const isOverdue = (severity: string, isExploited: boolean, days: number) => {
    const noted = [{ advice: planted, foundOn, isExploited, plan: 'Wait for the next release.' }];
    const at = new Date(Date.parse(foundOn) + days * 86_400_000 - 1);
    return weaknessesIn(report(severity), { lockfile, noted, at: new Date(at) })?.map((one) => one.isOverdue);
  };

  it('L10 may be there as long as the document on security says, and not a day longer', () => {
    const rows =
      read('docs/security.md')
        .split('\n## Updates\n')[1]
        ?.matchAll(/^\| [^|]+\| (\d+) days/gm) ?? [];
    const [exploited = 0, critical = 0, high = 0, other = 0] = [...rows].map(([, days]) => Number(days));
    expect([exploited, critical, high, other].every((days) => days > 0)).toBe(true);
    for (const [severity, isExploited, days] of [
      ['low', true, exploited],
      ['critical', false, critical],
      ['high', false, high],
      ['moderate', false, other],
      ['low', false, other],
    ] as const)
      expect([severity, isOverdue(severity, isExploited, days), isOverdue(severity, isExploited, days + 1)]).toEqual([
        severity,
        [false],
        [true],
      ]);
  });

  it('is noted with the day it was found and a plan, or not at all', () => {
    expect(readNoted(read('docs/known-weaknesses.json'))).toEqual([]);
    for (const wrong of ['[{}]', `[{"advice":"${planted}","foundOn":"soon","isExploited":false,"plan":"later"}]`, '{}'])
      expect(() => readNoted(wrong)).toThrow(/advice|expected array|invalid/i);
    expect(weaknessesIn('npm error', { lockfile, noted: [], at: new Date() })).toBeNull();
    expect(weaknessesIn('{"error":{}}', { lockfile, noted: [], at: new Date() })).toBeNull();
  });
});
