/**
 * What could go wrong for the people whose data is handled, written by hand: a risk names the purposes it arises from, the
 * promises that answer it, and the detectors that would notice it. How it stands is computed from those.
 */
import type { Purpose } from '#app/domain/privacy/data-map/entry.ts';
import type { DetectorId } from '#app/domain/security/detectors.ts';

export type Risk = {
  risk: string;
  /** What it would do to a person. */
  harm: string;
  severity: 'limited' | 'significant' | 'severe';
  purposes: readonly Purpose[];
  /** Ids of promises. */
  measures: readonly string[];
  detectors: readonly DetectorId[];
};

/** Every purpose with personal data and every detector stands in at least one of them; a test compares. */
export const impactRisks: readonly Risk[] = [
  {
    risk: 'Somebody outside reads names, addresses or histories',
    harm: 'Unwanted mail, tricks in the shop’s name, purchases that become known',
    severity: 'severe',
    purposes: ['running the loyalty program', 'consent and rights of members', 'running the service'],
    measures: ['L01', 'L02', 'L04', 'K02', 'K04', 'C01', 'C02', 'F31', 'L16', 'L18'],
    detectors: ['mass-missing', 'canary-member', 'canary-key', 'foreign-network', 'leaked-key'],
  },
  {
    risk: 'Somebody with a role, or one of us, reads more than their work needs',
    harm: 'Curiosity or revenge by people who know the member',
    severity: 'significant',
    purposes: ['running the loyalty program', 'accounts and access of staff'],
    measures: ['L03', 'L05', 'L06', 'K01', 'K03', 'K07', 'F09', 'F26'],
    detectors: ['canary-member', 'unusual-use'],
  },
  {
    risk: 'One shop sees the members of another',
    harm: 'The same as a leak, to a stranger who can use it at once',
    severity: 'severe',
    purposes: ['running the loyalty program', 'running the service'],
    measures: ['F01', 'F02', 'L04', 'W13', 'F44'],
    detectors: ['mass-missing'],
  },
  {
    risk: 'Somebody else spends a member’s points or takes over their card',
    harm: 'What was collected is gone',
    severity: 'limited',
    purposes: ['wallet cards', 'security and abuse'],
    measures: ['W16', 'F10', 'F11', 'F13', 'F20', 'F33', 'F36', 'F38'],
    detectors: [
      'redemption-spike',
      'many-networks',
      'self-stamping',
      'refund-farming',
      'referral-ring',
      'geo-velocity',
    ],
  },
  {
    risk: 'A machine refuses a reward to somebody who did nothing wrong',
    harm: 'Treated as a cheat, without knowing why',
    severity: 'limited',
    purposes: ['security and abuse'],
    measures: ['F21', 'F33', 'F35'],
    detectors: ['many-networks', 'refund-farming', 'referral-ring', 'geo-velocity'],
  },
  {
    risk: 'Data is used for what nobody agreed to, or kept for longer than needed',
    harm: 'Advertising and profiles against somebody’s will',
    severity: 'significant',
    purposes: ['consent and rights of members', 'running the loyalty program'],
    measures: ['W04', 'F06', 'F08', 'F29', 'F34', 'K06', 'W19', 'W21', 'F32', 'C09'],
    detectors: [],
  },
  {
    risk: 'Somebody cannot have their data corrected, copied or erased, or it comes back from a backup',
    harm: 'No say over what is kept',
    severity: 'significant',
    purposes: ['consent and rights of members', 'wallet cards'],
    measures: ['L20', 'L21', 'L22', 'W07', 'W17', 'F28', 'C04'],
    detectors: [],
  },
  {
    risk: 'A company that works for us gets more than it needs, or moves it elsewhere',
    harm: 'Data under laws and eyes that nobody expected',
    severity: 'significant',
    purposes: ['wallet cards', 'running the service'],
    measures: ['W06', 'W26', 'W27', 'L23', 'C12'],
    detectors: [],
  },
];
