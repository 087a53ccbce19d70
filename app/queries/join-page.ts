/** What a shopper sees before joining. Public: it holds nothing about any member. */
import { findProgramBySlug } from '#app/data/directory.ts';
import { countPaidFriends, findReferrer } from '#app/data/members/referrals.ts';
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { newestRuleVersion, readProgram } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type JoinPage = {
  shopId: ShopId;
  programId: ProgramId;
  slug: string;
  document: ProgramDocument;
  design: CardDesign;
  currency: string;
  /** Whether the program is live and takes members by link. */
  isOpen: boolean;
  /** Whether a birthday is worth something here: what is not needed is not asked for. */
  hasBirthdays: boolean;
};

/** The join page of a program, or null when there is none of that name or it was never published. */
export async function joinPage(slug: string): Promise<JoinPage | null> {
  const found = await findProgramBySlug(slug);
  if (found === null) return null;
  const { shopId, programId } = found;
  return withShop(shopId, async (tx) => {
    const version = await newestRuleVersion(tx, programId);
    if (version === null) return null;
    const program = await readProgram(tx, programId);
    const shop = await readShop(tx);
    const published = await newestCardDesign(tx, programId);
    return {
      shopId,
      programId,
      slug,
      document: version.document,
      design: published?.design ?? starterDesign(shop.name ?? version.document.name),
      currency: shop.currency ?? 'USD',
      isOpen: program.state === 'live' && program.signUpPlaces.includes('link'),
      hasBirthdays: version.document.earnRules.some((rule) => rule.kind === 'event' && rule.event === 'birthday'),
    };
  });
}

/**
 * Whether a friend who joins this program with a code may hope for what it pays. One answer for every other code, so that
 * nothing is told about the people behind it.
 */
export async function isInviteGood({ shopId, programId, document }: JoinPage, code: string): Promise<boolean> {
  const terms = document.referral;
  if (terms === null) return false;
  return withShop(shopId, (tx) => isPaidFor(tx, { code, programId, friendsMax: terms.friendsMax }));
}

type Invited = { code: string; programId: ProgramId; friendsMax: number };

async function isPaidFor(tx: Tx, { code, programId, friendsMax }: Invited): Promise<boolean> {
  const referrer = await findReferrer(tx, code);
  if (referrer === null || referrer.programId !== programId || referrer.state === 'erased') return false;
  return (await countPaidFriends(tx, referrer.memberId)) < friendsMax;
}
