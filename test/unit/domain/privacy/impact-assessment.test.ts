import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { personalData } from '#app/domain/privacy/data-map/data-map.ts';
import { assessImpact, impactDocument, type Measure } from '#app/domain/privacy/impact-assessment.ts';
import { impactRisks } from '#app/domain/privacy/impact-risks.ts';
import { ownSubProcessors } from '#app/domain/privacy/sub-processors.ts';
import { detectorIds, detectors } from '#app/domain/security/detectors.ts';
import { readRequirements } from '#test/support/requirements/documents.ts';

const passed = { passed: 1, failed: 0, notRun: 0 };
const promised = readRequirements().map(({ id, claim }): Measure => ({ id, claim, status: 'kept', missing: null, tests: passed })); // prettier-ignore
const assess = (changes: Partial<Parameters<typeof assessImpact>[0]> = {}) =>
  assessImpact({ at: new Date(0), measures: promised, attacks: passed, subProcessors: ownSubProcessors, ...changes });
const withMeasure = (id: string, change: Partial<Measure>) =>
  assess({ measures: promised.map((measure) => (measure.id === id ? { ...measure, ...change } : measure)) });
const residuals = (assessment: ReturnType<typeof assess>) => assessment.risks.map(({ residual }) => residual);

describe('the privacy impact assessment', () => {
  it('F44 names every field of the data map that is about a person, with its purpose and what allows it', () => {
    const { operations } = assess();
    const named = operations.flatMap(({ tables }) => tables.flatMap(({ table, fields }) => fields.map((field) => `${table}.${field}`))); // prettier-ignore
    const mapped = personalData().flatMap(({ table, columns }) => columns.map(({ name }) => `${table}.${name}`));
    expect(named.toSorted()).toEqual(mapped.toSorted());
    expect(operations.every(({ bases }) => bases.length > 0 && !bases.includes('no person concerned'))).toBe(true);
  });

  it('F44 leaves out no purpose with personal data and no detector, and names no promise that does not exist', () => {
    const covered = new Set(impactRisks.flatMap(({ purposes }) => purposes));
    expect(personalData().filter(({ purpose }) => !covered.has(purpose))).toEqual([]);
    const watching = new Set(impactRisks.flatMap((risk) => risk.detectors));
    expect(detectorIds.filter((id) => !watching.has(id))).toEqual([]);
    for (const [index, { measures }] of assess().risks.entries())
      expect(measures.map(({ id }) => id)).toEqual(impactRisks[index]?.measures);
  });

  it('F44 calls a risk low only where every measure is kept and every test passed', () => {
    expect(new Set(residuals(assess()))).toEqual(new Set(['low']));
    const concerned = impactRisks.map(({ measures }) => measures.includes('L02'));
    const expected = (residual: string) => concerned.map((isConcerned) => (isConcerned ? residual : 'low'));
    expect(residuals(withMeasure('L02', { status: 'partly' }))).toEqual(expected('medium'));
    expect(residuals(withMeasure('L02', { tests: { ...passed, notRun: 1 } }))).toEqual(expected('medium'));
    expect(residuals(withMeasure('L02', { status: 'not yet' }))).toEqual(expected('high'));
    expect(residuals(withMeasure('L02', { tests: { ...passed, failed: 1 } }))).toEqual(expected('high'));
  });

  it('F44 counts an attack that succeeded against every risk, and one that was not tried against all that were low', () => {
    expect(new Set(residuals(assess({ attacks: { ...passed, failed: 1 } })))).toEqual(new Set(['high']));
    expect(new Set(residuals(assess({ attacks: { ...passed, notRun: 1 } })))).toEqual(new Set(['medium']));
  });

  it('F44 is a document with every risk, measure, detector and recipient in it', () => {
    const text = impactDocument(assess());
    for (const { risk } of impactRisks) expect(text).toContain(`### ${risk}`);
    for (const { name } of ownSubProcessors) expect(text).toContain(`- ${name} (`);
    for (const id of detectorIds) expect(text).toContain(`watched: ${detectors[id].title}`);
    expect(text).not.toContain('#'.repeat(4));
    expect(text).not.toMatch(/undefined|null/);
  });

  it('F44 is printed by a command, which counts tests that did not run since the last change as not run', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { impact: string } };
    const [program = '', ...words] = scripts.impact.split(' ');
    expect(program).toBe('node');
    const run = spawnSync(process.execPath, [...words, '--json'], { encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    const printed = JSON.parse(run.stdout) as ReturnType<typeof assess>;
    expect(printed.risks.map(({ risk }) => risk)).toEqual(impactRisks.map(({ risk }) => risk));
    const tried = Object.values(printed.attacks).reduce((sum, count) => sum + count, 0);
    expect(tried).toBeGreaterThan(10);
    if (printed.attacks.notRun > 0) expect(residuals(printed)).not.toContain('low');
  });
});
