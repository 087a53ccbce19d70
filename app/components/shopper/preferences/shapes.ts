/** Shapes shared by the parts of the preferences page. */
export const purposes = ['program', 'marketing', 'analytics'] as const;
export type Purpose = (typeof purposes)[number];
export const channels = ['wallet', 'email', 'sms'] as const;
export type Channel = (typeof channels)[number];

export type ActivityKind =
  | 'joined'
  | 'frozen'
  | 'unfrozen'
  | 'link-renewed'
  | 'consents-changed'
  | 'address-confirmed'
  | 'address-denied'
  | 'address-change-asked'
  | 'download-asked'
  | 'erasure-asked'
  | 'code-wrong'
  | 'reward-asked'
  | 'redeemed'
  | 'reward-released'
  | 'adjusted'
  | 'phone-added';

/** What a form led to, told on the page it returns to. */
export const saidCodes = [
  'saved',
  'asked',
  'reported',
  'code-mailed',
  'link-mailed',
  'code-wrong',
  'code-over',
  'may-download',
  'case-opened',
  'erasing',
  'email-wrong',
  'tick-missing',
  'too-many',
  'no-mail',
  'changed-meanwhile',
] as const;
export type SaidCode = (typeof saidCodes)[number];

export const problemCodes: SaidCode[] = [
  'code-wrong',
  'code-over',
  'email-wrong',
  'tick-missing',
  'too-many',
  'no-mail',
  'changed-meanwhile',
];
