import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { CampaignContent, CampaignState } from '#app/domain/campaigns/campaign.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { SkipReason } from '#app/domain/campaigns/decide-recipient.ts';

export type ForecastFigures = {
  now: number;
  later: number;
  never: Record<SkipReason, number>;
  firstDueAt: Date | string | null;
  lookedAt: number;
  isWhole: boolean;
};

/** What the form of a campaign is answered with. */
export type CampaignAnswer = ActionResult & { forecast?: ForecastFigures };

export type EditorProps = {
  content: CampaignContent;
  onChange: (content: CampaignContent) => void;
  problems: Record<string, string>;
};

export const stateNames: Record<CampaignState, string> = {
  draft: 'Draft',
  scheduled: 'Scheduled',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  done: 'Done',
};

export const stateTones = {
  draft: 'new',
  scheduled: 'info',
  running: 'attention',
  paused: 'warning',
  stopped: 'read-only',
  done: 'success',
} as const satisfies Record<CampaignState, string>;

/** Why somebody does not get a message, as a merchant reads it. */
export const skipWords: Record<SkipReason, string> = {
  'no-consent': 'who did not agree to such messages',
  'no-card': 'without a card in a wallet',
  frozen: 'with a frozen card',
  'too-many': 'with enough messages already, this week or today',
  'too-late': 'whose quiet hours end after the message does',
};

export const languageNames: Record<Language, string> = {
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  nl: 'Dutch',
};
