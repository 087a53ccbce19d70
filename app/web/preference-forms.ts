/** What the forms of a shopper's preferences ask for, and what became of it in one word for the page. */
import { z } from 'zod';

import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { answerMailedCode } from '#app/flows/privacy/answer-mailed-code.ts';
import { askMailedCode, type SteppedUp } from '#app/flows/privacy/ask-mailed-code.ts';
import { changeConsents } from '#app/flows/privacy/change-consents.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { reportActivity } from '#app/flows/privacy/report-activity.ts';
import { changeLanguage } from '#app/flows/members/change-language.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';
import { InvalidInput, isFailure } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { textField } from '#app/web/admin-forms.ts';

/** `said` names a sentence of the page; `grant` opens a download for a while. */
export type PreferenceAnswer = { said: string | null; grant?: string };
type Asked = { owner: { shopId: ShopId; memberId: MemberId }; form: FormData; language: Language };
type Answering = (asked: Asked) => Promise<PreferenceAnswer>;

const emailSchema = z.email().max(254);
const purposes = ['program', 'marketing', 'analytics'] as const;
const channels = ['wallet', 'email', 'sms'] as const;

const consents: Answering = async ({ owner, form, language }) => {
  const choices = purposes.flatMap((purpose) =>
    channels.map((channel) => ({ purpose, channel, granted: form.get(`${purpose}:${channel}`) === 'yes' })),
  );
  const { asked } = await changeConsents({
    ...owner,
    choices,
    wordingVersion: textField(form, 'wording', 64),
    language,
  });
  return { said: asked > 0 ? 'asked' : 'saved' };
};

const freeze: Answering = async ({ owner }) => {
  await freezeCard({ ...owner, by: 'member', actor: 'shopper' });
  return { said: null };
};

const unfreeze: Answering = async ({ owner }) => {
  await unfreezeCard({ ...owner, by: 'member', actor: 'shopper' });
  return { said: null };
};

const report: Answering = async ({ owner, form }) => {
  await reportActivity({ ...owner, subject: textField(form, 'subject', 80) });
  return { said: 'reported' };
};

async function askCode({ owner, language }: Asked, kind: SteppedUp, nextAddress?: string) {
  return askMailedCode({ ...owner, kind, locale: language, ...(nextAddress !== undefined && { nextAddress }) });
}

const contact: Answering = async (asked) => {
  const email = emailSchema.safeParse(textField(asked.form, 'email', 254));
  if (!email.success) return { said: 'email-wrong' };
  const { kind } = await askCode(asked, 'contact-code', email.data);
  return { said: kind === 'mailed' ? 'code-mailed' : 'link-mailed' };
};

const download: Answering = async (asked) => {
  const { kind } = await askCode(asked, 'download-code');
  return { said: kind === 'not-needed' ? 'may-download' : 'code-mailed' };
};

const erase: Answering = async (asked) => {
  if (asked.form.get('sure') !== 'yes') return { said: 'tick-missing' };
  const { kind } = await askCode(asked, 'erasure-code');
  return kind === 'not-needed' ? openErasure(asked) : { said: 'code-mailed' };
};

async function openErasure({ owner }: Asked): Promise<PreferenceAnswer> {
  await openSubjectCase({ ...owner, kind: 'erasure', origin: 'shopper', actor: 'shopper' });
  return { said: 'erasing' };
}

const code: Answering = async (asked) => {
  const answer = await answerMailedCode({ ...asked.owner, code: textField(asked.form, 'code', 12) });
  if (answer.kind === 'may-erase') return openErasure(asked);
  if (answer.kind === 'may-download') return { said: 'may-download', grant: answer.token };
  if (answer.kind === 'link-mailed') return { said: 'link-mailed' };
  return { said: answer.kind === 'wrong' ? 'code-wrong' : 'code-over' };
};

const name: Answering = async ({ owner, form }) => {
  const details = { name: textField(form, 'name', 60) };
  await openSubjectCase({ ...owner, kind: 'rectification', origin: 'shopper', actor: 'shopper', details });
  return { said: 'case-opened' };
};

const language: Answering = async ({ owner, form }) => {
  const wished = languages.find((each) => each === form.get('language'));
  if (wished === undefined) throw new InvalidInput('preference-language', 'There is no such language');
  await changeLanguage({ ...owner, language: wished, actor: 'shopper' });
  return { said: 'saved' };
};

const request: Answering = async ({ owner, form }) => {
  const wished = form.get('kind');
  const kind = (['access', 'objection', 'restriction'] as const).find((each) => each === wished);
  if (kind === undefined) throw new InvalidInput('request-kind', 'There is no such request');
  await openSubjectCase({ ...owner, kind, origin: 'shopper', actor: 'shopper' });
  return { said: 'case-opened' };
};

const answers: Record<string, Answering> = {
  consents,
  freeze,
  unfreeze,
  report,
  contact,
  download,
  erase,
  code,
  name,
  language,
  request,
};

/** Failures that the page has words for; anything else is a page of its own. */
const sayings: Record<string, string> = {
  'wording-changed': 'changed-meanwhile',
  'no-address': 'changed-meanwhile',
  'too-many-mails': 'too-many',
  'mail-not-set-up': 'no-mail',
};

/** Does what a form asks for. Throws `InvalidInput` for a form that is none of the page's. */
export async function answerPreferences(asked: Asked): Promise<PreferenceAnswer> {
  const intent = textField(asked.form, 'intent', 32);
  const answer = Object.hasOwn(answers, intent) ? answers[intent] : undefined;
  if (answer === undefined) throw new InvalidInput('preference-intent', 'A form of the page asks for nothing known');
  try {
    return await answer(asked);
  } catch (error) {
    const said = isFailure(error) ? sayings[error.code] : undefined;
    if (said === undefined) throw error;
    return { said };
  }
}
