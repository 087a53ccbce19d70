/**
 * What earning must know beside the order itself. All of it is looked up once and pinned, or follows from the member's
 * history by times of sale and refund; nothing depends on when a delivery arrived.
 */
import type { MemberEventKind } from '#app/domain/programs/earn-rules.ts';

/** What a product was when the order was first settled. */
export type ProductFacts = { collectionIds: string[]; tags: string[]; productType: string | null };

/** What an order's body does not carry: looked up at its first settlement and kept with it for ever. */
export type OrderFacts = {
  /** The shop's IANA time zone. */
  timeZone: string;
  /** By product id; a product without an entry has no collections, tags or type. */
  products: Record<string, ProductFacts>;
  memberTags: string[];
  segmentIds: string[];
  marketId: string | null;
  /** The sale has turned out to be another person's: of that person nothing is looked up yet. */
  isOfAnother?: true;
};

/** How the member stood when the sale was made, by rule and calendar day of the shop. */
export type MemberStanding = {
  tierId: string | null;
  /** Whether no earlier order of the member was standing. */
  isFirstOrder: boolean;
  /** What each rule had given by then, by rule id; a rule without an entry has given nothing. */
  used: Record<string, RuleUse>;
};

export type RuleUse = { today: number; ever: number; lastAt: Date | null };

/** Something that happened to a member apart from orders. A revoked event is as if it had never happened. */
export type MemberEvent = {
  eventId: string;
  kind: MemberEventKind;
  /** Only for `custom`: which event of the API. */
  name: string | null;
  occurredAt: Date;
  isRevoked: boolean;
};

/** Facts of an order about which nothing had to be looked up. */
export function plainFacts(timeZone: string): OrderFacts {
  return { timeZone, products: {}, memberTags: [], segmentIds: [], marketId: null };
}

/** What of a sale's facts still holds once it turns out to be another person's. */
export function factsForAnother(facts: OrderFacts): OrderFacts {
  return { ...facts, memberTags: [], segmentIds: [], isOfAnother: true };
}

/** A member of whom nothing else is known. */
export const newcomer: MemberStanding = { tierId: null, isFirstOrder: true, used: {} };
