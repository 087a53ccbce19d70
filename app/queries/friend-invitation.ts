/** What a member may offer to a friend, and what both would get. */
import type { CardView } from '#app/data/cards/card-view.ts';
import { countPaidFriends, findReferralCode } from '#app/data/members/referrals.ts';
import { readProgram } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { formatMinor } from '#app/domain/money.ts';
import { describeAmount } from '#app/domain/programs/offer-sentences.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { appUrl } from '#app/lib/env.ts';

/** In words of the reader's language; a side that gets nothing is null. */
export type InviteTerms = {
  friend: string | null;
  referrer: string | null;
  /** What the friend's first purchase must be worth, or null for any. */
  minimum: string | null;
  /** Days that purchase must stand. */
  pendingDays: number;
};

export type FriendInvitation = {
  joinUrl: string;
  /** Null while the member has never been given one. */
  code: string | null;
  terms: InviteTerms;
};

type Reader = { currency: string; language: Language };

/** The program's terms for friends, or null where it has none. */
export function describeInvite(document: ProgramDocument, { currency, language }: Reader): InviteTerms | null {
  if (document.referral === null) return null;
  const { friend, referrer, minimumMinor, pendingDays } = document.referral;
  const inWords = (pay: typeof friend) => (pay === null ? null : describeAmount({ document, language, ...pay }));
  return {
    friend: inWords(friend),
    referrer: inWords(referrer),
    minimum: minimumMinor === 0 ? null : formatMinor({ minor: minimumMinor, currency, locale: language }),
    pendingDays,
  };
}

/** What to hand on, or null: no such program, nobody may join by link, a frozen or erased card, or enough friends paid. */
export async function readFriendInvitation(
  tx: Tx,
  { member, document }: Pick<CardView, 'member' | 'document'>,
  reader: Reader,
): Promise<FriendInvitation | null> {
  const terms = describeInvite(document, reader);
  if (document.referral === null || terms === null || member.state !== 'active') return null;
  const { slug, state, signUpPlaces } = await readProgram(tx, member.programId);
  if (state !== 'live' || !signUpPlaces.includes('link')) return null;
  if ((await countPaidFriends(tx, member.memberId)) >= document.referral.friendsMax) return null;
  return { joinUrl: `${appUrl()}/join/${slug}`, code: await findReferralCode(tx, member.memberId), terms };
}
