/**
 * A campaign: one message on the cards of the members it is for, from its start to its end. The message is the card's news;
 * it is never a balance, and it never earns anything (what does is a campaign of the program's rules).
 *
 * This file knows a campaign's words and its limits. Whom it reaches is decided one member at a time, in decide-recipient.ts.
 */
import { type Language, languageOfTag } from '#app/domain/members/languages.ts';

export const campaignLimits = {
  nameMax: 60,
  /** What a lock screen shows of a notification before it is cut. */
  textMax: 178,
  tiersMax: 20,
  /** Google shows at most this many notifications of a card in 24 hours; the others would come in silence. */
  perDayMax: 3,
  perWeekMax: 7,
  daysMax: 90,
};

/** What a message is for decides whose word it needs: news of the program itself, or advertising. */
export const campaignPurposes = ['program', 'marketing'] as const;

/** Every part that is set must hold; an empty list of tiers or languages asks for none in particular. */
export type Segment = {
  tiers: string[];
  languages: Language[];
  /** Of what can be spent; a bound that is null is none. */
  balance: { unit: string; min: number | null; max: number | null } | null;
  /** Active: something was earned or spent in these days; quiet: nothing was. */
  activity: { kind: 'active' | 'quiet'; days: number } | null;
  /** Days of the shop's calendar, both included. */
  enrolledFrom: string | null;
  enrolledUntil: string | null;
};

/** The segment that asks for nothing. */
export const anybody: Segment = {
  tiers: [],
  languages: [],
  balance: null,
  activity: null,
  enrolledFrom: null,
  enrolledUntil: null,
};

export type Audience = { kind: 'all' } | { kind: 'segment'; segment: Segment } | { kind: 'member'; memberId: string };

/** By the wall clock, from a time such as 21:00 until another. */
export type QuietHours = { from: string; until: string };

export type CampaignContent = {
  name: string;
  purpose: (typeof campaignPurposes)[number];
  text: string;
  /** The same in other languages; who speaks another gets `text`. */
  translations: Partial<Record<Language, string>>;
  audience: Audience;
  /** A wall time of the shop such as 2026-12-24T18:00; null starts at once. */
  startsAt: string | null;
  /** When the message leaves the cards. */
  endsAt: string;
  /** On the clock of the member; null has none. What would come then waits for their end. */
  quietHours: QuietHours | null;
  /** Messages of all campaigns a member gets in seven days, this one included. */
  perWeekMax: number;
};

export type CampaignState = 'draft' | 'scheduled' | 'running' | 'paused' | 'stopped' | 'done';

/** Whether the message is, or may come, on cards. */
export function isUnderWay(state: CampaignState): boolean {
  return state === 'scheduled' || state === 'running' || state === 'paused';
}

/** The message in a member's language, which is a BCP 47 tag. */
export function textFor(
  { text, translations }: Pick<CampaignContent, 'text' | 'translations'>,
  locale: string,
): string {
  const language = languageOfTag(locale);
  return (language === null ? undefined : translations[language]) ?? text;
}
