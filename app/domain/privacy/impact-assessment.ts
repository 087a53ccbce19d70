/**
 * The privacy impact assessment (GDPR Art. 35 (7)): what is done with personal data, why that is allowed, what could go wrong for
 * people, and what stands against it. Computed from the data map, the promises and how their tests ended, and from the detectors.
 *
 * It does not decide: whether a risk may be taken is for the person who signs it.
 */
import { type MappedTable, personalData } from '#app/domain/privacy/data-map/data-map.ts';
import { impactRisks, type Risk } from '#app/domain/privacy/impact-risks.ts';
import type { SubProcessor } from '#app/domain/privacy/sub-processors.ts';
import { detectors } from '#app/domain/security/detectors.ts';

export type Measure = {
  id: string;
  claim: string;
  status: 'kept' | 'partly' | 'not yet';
  missing: string | null;
  /** How the tests that show it ended when they last ran. */
  tests: TestTally;
};

export type TestTally = { passed: number; failed: number; notRun: number };

/** low: every measure is there and its tests passed. high: a test failed, or one that matters is missing altogether. */
export type Residual = 'low' | 'medium' | 'high';

export type AssessedRisk = Omit<Risk, 'measures' | 'detectors'> & {
  measures: Measure[];
  detectors: { title: string; counts: string; actsByDefault: boolean }[];
  residual: Residual;
};

export type ImpactAssessment = {
  generatedAt: string;
  operations: { purpose: string; bases: string[]; tables: { table: string; holds: string; fields: string[] }[] }[];
  recipients: Pick<SubProcessor, 'name' | 'purpose' | 'countries' | 'data' | 'guarantee'>[];
  risks: AssessedRisk[];
  /** Simulated attacks, all of them. */
  attacks: TestTally;
};

/** The assessment as of `at`. `measures` are all promises. Same input, same assessment. */
export function assessImpact(known: {
  at: Date;
  measures: readonly Measure[];
  attacks: TestTally;
  subProcessors: readonly SubProcessor[];
}): ImpactAssessment {
  const byId = new Map(known.measures.map((measure) => [measure.id, measure]));
  return {
    generatedAt: known.at.toISOString(),
    operations: operationsOf(personalData()),
    recipients: known.subProcessors.map(({ name, purpose, countries, data, guarantee }) => ({ name, purpose, countries, data, guarantee })), // prettier-ignore
    risks: impactRisks.map((risk) => {
      const measures = risk.measures.flatMap((id) => byId.get(id) ?? []);
      return {
        ...risk,
        measures,
        detectors: risk.detectors.map((id) => {
          const { title, counts, threshold, actsByDefault } = detectors[id];
          return { title, counts: counts.replaceAll('#', String(threshold.default)), actsByDefault };
        }),
        residual: residualOf(measures, known.attacks),
      };
    }),
    attacks: known.attacks,
  };
}

function operationsOf(tables: MappedTable[]): ImpactAssessment['operations'] {
  const purposes = [...new Set(tables.map(({ purpose }) => purpose))].toSorted();
  return purposes.map((purpose) => {
    const own = tables.filter((table) => table.purpose === purpose);
    return {
      purpose,
      bases: [...new Set(own.map(({ basis }) => basis))].toSorted(),
      tables: own.map(({ table, holds, columns }) => ({ table, holds, fields: columns.map(({ name }) => name) })),
    };
  });
}

/** What nobody showed to work does not lower a risk. */
function residualOf(measures: Measure[], attacks: TestTally): Residual {
  const isBroken = attacks.failed > 0 || measures.some(({ tests }) => tests.failed > 0);
  if (isBroken || measures.some(({ status }) => status === 'not yet')) return 'high';
  const isShown = attacks.notRun === 0 && measures.every(({ tests }) => tests.notRun === 0);
  return isShown && measures.every(({ status }) => status === 'kept') ? 'low' : 'medium';
}

const tallied = ({ passed, failed, notRun }: TestTally) => `${passed} passed, ${failed} failed, ${notRun} not run`;

/** The assessment as a document to read and to sign, in Markdown. */
export function impactDocument({ generatedAt, operations, recipients, risks, attacks }: ImpactAssessment): string {
  return [
    `# Privacy impact assessment`,
    `Generated ${generatedAt} from the data map, the promises with their tests, and the detectors. Simulated attacks: ${tallied(attacks)}.`,
    `## What is done with personal data`,
    ...operations.map(({ purpose, bases, tables }) =>
      [
        `### ${purpose}\n\nAllowed by: ${bases.join(', ')}.\n`,
        ...tables.map(({ table, holds, fields }) => `- ${holds} (\`${table}\`: ${fields.join(', ')})`),
      ].join('\n'),
    ),
    `## Who else gets some of it`,
    recipients
      .map(
        ({ name, purpose, countries, data, guarantee }) =>
          `- ${name} (${countries.join(', ')}): ${purpose}. Gets: ${data}. ${guarantee}.`,
      ) // prettier-ignore
      .join('\n'),
    `## Risks for people, and what stands against them`,
    ...risks.map(riskSection),
  ].join('\n\n');
}

function riskSection({ risk, harm, severity, measures, detectors: watching, residual }: AssessedRisk): string {
  return [
    `### ${risk}\n`,
    `Harm: ${harm}. Severity: ${severity}. Remaining risk: **${residual}**.\n`,
    ...measures.map(({ id, claim, status, missing, tests }) => `- ${id} ${claim} ${status}${missing === null ? '' : `, missing: ${missing}`}; tests: ${tallied(tests)}`), // prettier-ignore
    ...watching.map(({ title, counts, actsByDefault }) => `- watched: ${title}: ${counts}${actsByDefault ? '; acts by itself' : ''}`), // prettier-ignore
  ].join('\n');
}
