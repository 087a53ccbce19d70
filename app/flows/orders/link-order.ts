/**
 * A shopper joins on the page after their order, and the order counts. An order id from a page is only a claim: the order
 * itself decides, and where Shopify names a customer, the customer.
 */
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { enroll } from '#app/data/members/enrollment.ts';
import { readMember } from '#app/data/members/members.ts';
import { findOrder, lockClaim } from '#app/data/orders/orders.ts';
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { readCheckoutProgram } from '#app/data/programs/programs.ts';
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { readShop, readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, Forbidden } from '#app/lib/errors.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';

export type OrderLink = {
  shopId: ShopId;
  /** Digits only. */
  orderId: string;
  /** The logged-in shopper, proven by the session token; null for guests. */
  customerId: string | null;
  consents: { program: boolean; marketing: boolean };
  wordingVersion: string;
  locale: string;
};

export type LinkedOrder = { kind: 'enrolled' | 'already-member'; memberId: MemberId; cardUrl: string };

const orderAgeMaxMs = 24 * 3_600_000;
/** How long a guest who joined is answered with the same card again: a lost answer, not a way to look at other cards. */
const repeatWindowMs = 15 * 60_000;
const attemptsMax = 3;

/**
 * Enrolls the buyer of an order and books what the order earned. The same call again answers with the same card.
 * Throws `NotFound` ('program-not-live'), `Conflict` ('order-not-confirmed', 'wording-changed'), and `Forbidden` when the
 * order is somebody else's or too old.
 */
export async function linkOrder(asked: OrderLink): Promise<LinkedOrder> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withShop(asked.shopId, (tx) => linkOnce(tx, asked));
    } catch (error) {
      const isRace = error instanceof Conflict && error.code === 'enrollment-under-way';
      if (!isRace || attempt >= attemptsMax) throw error;
    }
  }
}

type Buyer = { customerId: string | null; isOrderKnown: boolean; memberId: MemberId | null };

async function linkOnce(tx: Tx, asked: OrderLink): Promise<LinkedOrder> {
  const at = now();
  await lockClaim(tx, asked.orderId);
  const { program, version } = await readCheckoutProgram(tx);
  await checkWording(tx, asked, { programId: program.programId, programName: version.document.name });
  const buyer = await findBuyer(tx, asked, at);
  const linked =
    buyer.memberId === null
      ? await enrollBuyer(tx, asked, { buyer, programId: program.programId, at })
      : ({ kind: 'already-member', memberId: buyer.memberId } as const);
  if (buyer.isOrderKnown)
    await settleOrders(tx, [{ orderId: asked.orderId, news: null, memberId: linked.memberId, isClaim: true }], at);
  return { ...linked, cardUrl: cardUrlOf(await readShopKeys(tx), await readMember(tx, linked.memberId), at) };
}

/** Consent counts only for the words that were on the screen. */
async function checkWording(
  tx: Tx,
  asked: OrderLink,
  about: { programId: ProgramId; programName: string },
): Promise<void> {
  const shop = await readShop(tx);
  const published = await newestCardDesign(tx, about.programId);
  const design = published?.design ?? starterDesign(shop.name ?? about.programName);
  const wording = consentWordingFor(languageOfTag(asked.locale) ?? 'en', design.organizationName);
  if (wording.version !== asked.wordingVersion)
    throw new Conflict('wording-changed', 'The wording of the consents changed');
}

const notYours = () =>
  new Forbidden('order-not-yours', 'The order belongs to somebody else, or may no longer be joined with');

/** Whose the order is, as far as the order and the token tell. */
async function findBuyer(tx: Tx, asked: OrderLink, at: Date): Promise<Buyer> {
  const order = await findOrder(tx, asked.orderId);
  const latest = order?.state.latest ?? null;
  if (order === null || latest === null) return buyerOfUnknownOrder(asked);
  const { memberId } = order;
  if (isSomebodyElse(asked.customerId, latest.customerId)) throw notYours();
  if (memberId === null && at.getTime() - Date.parse(latest.createdAt) > orderAgeMaxMs) throw notYours();
  if (memberId !== null && !(await isSameBuyer(tx, memberId, { customerId: asked.customerId, at }))) throw notYours();
  return { customerId: asked.customerId ?? latest.customerId, isOrderKnown: true, memberId };
}

function buyerOfUnknownOrder({ customerId }: OrderLink): Buyer {
  // Shopify vouches for a shopper who is logged in; the order finds its member when it arrives.
  if (customerId !== null) return { customerId, isOrderKnown: false, memberId: null };
  throw new Conflict('order-not-confirmed', 'The order has not arrived yet');
}

function isSomebodyElse(asking: string | null, buyer: string | null): boolean {
  return asking !== null && buyer !== null && asking !== buyer;
}

/** Whether the member an order has already is the one asking: proven by the token, or joined by this call a moment ago. */
async function isSameBuyer(
  tx: Tx,
  memberId: MemberId,
  asking: { customerId: string | null; at: Date },
): Promise<boolean> {
  const member = await readMember(tx, memberId);
  if (member.state === 'erased') return false;
  if (asking.customerId !== null) return member.shopifyCustomerId === asking.customerId;
  return member.enrolledVia === 'checkout' && asking.at.getTime() - member.enrolledAt.getTime() <= repeatWindowMs;
}

async function enrollBuyer(
  tx: Tx,
  asked: OrderLink,
  { buyer, programId, at }: { buyer: Buyer; programId: ProgramId; at: Date },
): Promise<{ kind: 'enrolled' | 'already-member'; memberId: MemberId }> {
  const enrolled = await enroll(tx, {
    programId,
    via: 'checkout',
    profile: {},
    shopifyCustomerId: buyer.customerId,
    externalId: null,
    locale: languageOfTag(asked.locale) ?? 'en',
    location: null,
    consents: [
      { purpose: 'program', channel: 'wallet', granted: asked.consents.program },
      { purpose: 'marketing', channel: 'email', granted: asked.consents.marketing },
    ],
    wordingVersion: asked.wordingVersion,
    source: 'checkout',
    actor: 'shopper',
    at,
  });
  // A guest knows the order of a member, which proves nothing: the card is shown to those who log in.
  if (enrolled.kind === 'already-member' && asked.customerId === null) throw notYours();
  return enrolled;
}
