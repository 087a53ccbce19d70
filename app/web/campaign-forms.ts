/** What the campaign pages send, and what they are answered. Whether a campaign makes sense is the domain's word. */
import { InvalidInput } from '#app/lib/errors.ts';
import { forForm, type FormRefusal } from '#app/web/page-failure.ts';

const contentTextMax = 20_000;

/** The campaign in a form, unread. Throws `InvalidInput` for what no form of ours sends. */
export function campaignOfForm(form: FormData): unknown {
  const text = form.get('content');
  if (typeof text !== 'string' || text.length > contentTextMax)
    throw new InvalidInput('bad-form', 'The form lacks a campaign');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInput('bad-form', 'The campaign is not JSON', { cause });
  }
}

export type CampaignRefusal = FormRefusal & { problems?: Record<string, string> };

/** As `forForm`; what does not fit is said beside its field as well. */
export async function forCampaignForm<Result>(work: () => Promise<Result>): Promise<Result | CampaignRefusal> {
  let issues: InvalidInput['issues'];
  const answer = await forForm(() =>
    work().catch((error: unknown) => {
      if (error instanceof InvalidInput) issues = error.issues;
      throw error;
    }),
  );
  if (issues === undefined) return answer;
  return {
    tone: 'critical',
    title: 'Please check the marked fields.',
    details: issues.filter(({ path }) => path === '').map(({ message }) => message),
    problems: Object.fromEntries(issues.map(({ path, message }) => [path, `It ${message}.`])),
  };
}
