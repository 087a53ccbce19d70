/** A campaign as it comes from outside, and what stands in the way of starting it. */
import { instantOf } from '#app/domain/calendar.ts';
import { campaignContentSchema } from '#app/domain/campaigns/campaign-schema.ts';
import { type CampaignContent, campaignLimits } from '#app/domain/campaigns/campaign.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { InvalidInput, type InputIssue } from '#app/lib/errors.ts';

const issuesMax = 50;
const dayMs = 86_400_000;
const startsWithinDays = 365;

/** The content with its defaults filled in. Throws `InvalidInput` that names the path and fault of all that does not fit. */
export function readCampaignContent(content: unknown): CampaignContent {
  const parsed = campaignContentSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw refuse(parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })));
}

function refuse(all: InputIssue[]): InvalidInput {
  const issues = all.slice(0, issuesMax);
  const [first] = issues;
  return new InvalidInput('campaign-invalid', 'A campaign does not fit', {
    publicMessage: `${first?.path === '' ? 'campaign' : first?.path}: ${first?.message}`,
    issues,
  });
}

export type CampaignTimes = { startsAt: Date; endsAt: Date };

/**
 * When a campaign would run if it were started now. Throws `InvalidInput` for times that cannot be, and for an audience that
 * asks for what the program does not have.
 */
export function planCampaign(
  content: CampaignContent,
  { at, timeZone, document }: { at: Date; timeZone: string; document: ProgramDocument },
): CampaignTimes {
  const chosen = content.startsAt === null ? at : instantOf(content.startsAt, timeZone);
  const startsAt = chosen < at ? at : chosen;
  const endsAt = instantOf(content.endsAt, timeZone);
  const issues = [...timeIssues({ at, startsAt, endsAt }), ...audienceIssues(content, document)];
  if (issues.length > 0) throw refuse(issues);
  return { startsAt, endsAt };
}

function timeIssues({ at, startsAt, endsAt }: CampaignTimes & { at: Date }): InputIssue[] {
  const lengthMs = endsAt.getTime() - startsAt.getTime();
  if (startsAt.getTime() - at.getTime() > startsWithinDays * dayMs)
    return [{ path: 'startsAt', message: 'must be within a year' }];
  if (lengthMs <= 0) return [{ path: 'endsAt', message: 'must be after the start, and in the future' }];
  if (lengthMs > campaignLimits.daysMax * dayMs)
    return [{ path: 'endsAt', message: `must be at most ${campaignLimits.daysMax} days after the start` }];
  return [];
}

function audienceIssues({ audience }: CampaignContent, document: ProgramDocument): InputIssue[] {
  if (audience.kind !== 'segment') return [];
  const { balance, tiers } = audience.segment;
  const issues: InputIssue[] = [];
  if (balance !== null && !document.units.some(({ id }) => id === balance.unit))
    issues.push({ path: 'audience.segment.balance.unit', message: 'must be one of the program’s points or stamps' });
  const known = new Set((document.tiers?.levels ?? []).map(({ id }) => id));
  if (tiers.some((tier) => !known.has(tier)))
    issues.push({ path: 'audience.segment.tiers', message: 'must be tiers of the program' });
  return issues;
}
