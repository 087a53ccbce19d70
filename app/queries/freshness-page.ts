/** How fresh the cards of a shop are: how long updates took, and the cards that are behind with the reason. */
import {
  listStale,
  countLate,
  readFreshnessCounts,
  type StalePass,
  type StalePosition,
} from '#app/data/cards/freshness.ts';
import { type Profile, readProfiles } from '#app/data/members/profiles.ts';
import { readFreshness } from '#app/data/shops/statistics.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { maskEmail, maskName } from '#app/domain/members/masking.ts';
import {
  type FreshnessCounts,
  isWorthRetrying,
  shareInTime,
  type StaleCause,
  staleCauseOf,
} from '#app/domain/cards/freshness.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

export type FreshnessFigures = {
  /** Of the cards in wallets now. */
  total: number;
  fresh: number;
  stale: number;
  /** Share of the changes of the last days that reached their wallet within a minute; null when there were none. */
  inTime: number | null;
  days: number;
};

export type StaleCard = {
  passId: string;
  memberId: string;
  /** A name, a masked address, or null when neither is known. */
  who: string | null;
  wallet: 'apple' | 'google';
  staleSince: Date;
  seenAt: Date | null;
  cause: StaleCause;
  canRetry: boolean;
};

export type FreshnessPage = {
  figures: FreshnessFigures;
  counts: FreshnessCounts;
  cards: StaleCard[];
  nextCursor: string | null;
};

const days = 7;
const dayMs = 86_400_000;
const cardsPerPage = 50;

/** The figures alone: what Home shows. */
export async function freshnessFigures(shopId: ShopId): Promise<FreshnessFigures> {
  const { counts: _counts, ...figures } = await withShop(shopId, readFigures);
  return figures;
}

async function readFigures(tx: Tx): Promise<FreshnessFigures & { counts: FreshnessCounts }> {
  // Hours are counted by the real clock, whatever the rules' clock says.
  const counts = await readFreshnessCounts(tx, new Date(Date.now() - days * dayMs));
  return { ...(await readFreshness(tx)), inTime: shareInTime(counts, await countLate(tx)), days, counts };
}

/** Figures, and a page of the cards that wait longest. */
export async function freshnessPage(shopId: ShopId, cursor: string | null): Promise<FreshnessPage> {
  return withShop(shopId, async (tx) => {
    const { counts, ...figures } = await readFigures(tx);
    const found = await listStale(tx, readCursor(cursor), cardsPerPage + 1);
    const page = found.slice(0, cardsPerPage);
    const last = page.at(-1);
    return {
      figures,
      counts,
      cards: await present(tx, page),
      nextCursor: found.length > cardsPerPage && last !== undefined ? writeCursor(last) : null,
    };
  });
}

async function present(tx: Tx, passes: StalePass[]): Promise<StaleCard[]> {
  const memberIds = passes.map(({ memberId }) => memberId);
  const profiles = await readProfiles(tx, memberIds);
  return passes.map((pass) => {
    const profile = profiles.get(pass.memberId);
    const cause = staleCauseOf(pass);
    return {
      passId: pass.passId,
      memberId: pass.memberId,
      who: whoIs(profile),
      wallet: pass.wallet,
      staleSince: pass.staleSince,
      seenAt: pass.seenAt,
      cause,
      canRetry: isWorthRetrying(cause),
    };
  });
}

function whoIs(profile: Profile | undefined): string | null {
  if (profile?.name != null) return maskName(profile.name);
  return profile?.email == null ? null : maskEmail(profile.email);
}

function writeCursor({ staleSince, passId }: StalePosition): string {
  return Buffer.from(`${staleSince.getTime()}.${passId}`).toString('base64url');
}

/** A cursor we did not write starts from the top. */
function readCursor(cursor: string | null): StalePosition | null {
  const [at = '', passId = ''] = Buffer.from(cursor ?? '', 'base64url')
    .toString('utf8')
    .split('.');
  const staleSince = new Date(Number(at));
  return isId(passId) && !Number.isNaN(staleSince.getTime()) ? { staleSince, passId } : null;
}
