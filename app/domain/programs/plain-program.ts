/** What a program says when its merchant said nothing else. Apart from the schemas, so that forms can use it. */
import type { Campaign } from '#app/domain/programs/earn-rules.ts';
import type { Collection, Reward } from '#app/domain/programs/rewards.ts';

const campaigns: Campaign[] = [];
const rewards: Reward[] = [];
const collections: Collection[] = [];

/** Spread it first. */
export const plainProgram = {
  schemaVersion: 1,
  campaigns,
  tiers: null,
  rewards,
  collections,
  referral: null,
  settings: {
    earnsOnTax: false,
    earnsOnShipping: false,
    earnsOnGiftCards: true,
    debtPolicy: 'carry',
    spendingReturns: 'proportional',
    returnGraceDays: 14,
    pending: { until: 'at-once' },
    expiry: { mode: 'none' },
    expiryNoticeDays: 30,
  },
} as const;
