/**
 * Parts that run in production and have a known weakness, and how long each may still be there: `docs/security.md` says
 * within how many days a weakness is mended, `docs/known-weaknesses.json` since when we know of it.
 */
import { z } from 'zod';

/** Days from the one on which we learned of it. */
const daysOf = { exploited: 2, critical: 7, high: 30, else: 90 } as const;
const dayMs = 24 * 60 * 60_000;

const adviceSchema = z.looseObject({ url: z.string(), title: z.string(), severity: z.string() });
const auditSchema = z.looseObject({
  auditReportVersion: z.number(),
  vulnerabilities: z.record(
    z.string(),
    z.looseObject({ via: z.array(z.union([z.string(), adviceSchema])), nodes: z.array(z.string()) }),
  ),
});
const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional(), version: z.string().optional() })),
});
const notedSchema = z.array(
  z.strictObject({ advice: z.url(), foundOn: z.iso.date(), isExploited: z.boolean(), plan: z.string().min(5) }),
);

export type Weakness = {
  part: string;
  versions: string[];
  advice: string;
  title: string;
  severity: string;
  /** Null: nobody has noted yet that we know of it. */
  mendedBy: string | null;
  isOverdue: boolean;
};

type Noted = z.infer<typeof notedSchema>[number];

function mendedBy(severity: string, { foundOn, isExploited }: Noted): Date {
  const days = isExploited
    ? daysOf.exploited
    : severity === 'critical' || severity === 'high'
      ? daysOf[severity]
      : daysOf.else;
  return new Date(Date.parse(foundOn) + days * dayMs);
}

/** Since when we know of which weakness. Throws when the file says something else. */
export const readNoted = (text: string): Noted[] => notedSchema.parse(JSON.parse(text));

/**
 * The weaknesses of parts that run in production, from npm's report and the lockfile. Null when npm's answer is no report: it
 * could not compare anything.
 */
export function weaknessesIn(
  report: string,
  { lockfile, noted, at }: { lockfile: string; noted: Noted[]; at: Date },
): Weakness[] | null {
  const parsed = auditSchema.safeParse(parseJson(report));
  if (!parsed.success) return null;
  const { packages } = lockSchema.parse(JSON.parse(lockfile));
  return Object.entries(parsed.data.vulnerabilities).flatMap(([part, { via, nodes }]) => {
    const inProduction = nodes.filter((node) => packages[node]?.dev !== true);
    // A name alone stands for a part that only contains the weak one, which has an entry of its own.
    const advices = inProduction.length === 0 ? [] : via.filter((one) => typeof one !== 'string');
    return advices.map(({ url, title, severity }): Weakness => {
      const known = noted.find(({ advice }) => advice === url);
      const end = known === undefined ? null : mendedBy(severity, known);
      return {
        part,
        versions: inProduction.map((node) => packages[node]?.version ?? ''),
        advice: url,
        title,
        severity,
        mendedBy: end?.toISOString().slice(0, 10) ?? null,
        isOverdue: end === null || at >= end,
      };
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
