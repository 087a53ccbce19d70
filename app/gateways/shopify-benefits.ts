/** Rewards of money as Shopify gives and takes them: store credit and gift cards behind the same four functions. */
import type { MoneyBenefit } from '#app/domain/programs/reward-gates.ts';
import { createGiftCard, endGiftCard } from '#app/gateways/shopify-gift-cards.ts';
import {
  findStoreCreditMovements,
  giveStoreCredit,
  type StoreCredit,
  takeStoreCredit,
} from '#app/gateways/shopify-store-credit.ts';
import { createDiscountCode } from '#app/gateways/shopify-discounts.ts';
import { type AdminCaller, refreshGrant } from '#app/gateways/shopify.ts';
import { Rejected } from '#app/lib/errors.ts';

type MoneyGift = {
  benefit: MoneyBenefit;
  customerId: string | null;
  code: string;
  note: string;
  /** Shopify's id of what was given; null before. */
  reference: string | null;
};

function creditOf({ benefit, customerId }: MoneyGift): StoreCredit {
  if (customerId === null)
    throw new Rejected('store-credit-refused', 'The member is no customer of Shopify’s any more');
  return { customerId, amountMinor: benefit.amountMinor, currency: benefit.currency };
}

/** Gives it and answers Shopify's id. A gift card may be given again, store credit not. Throws `Rejected`, and like `callAdmin`. */
async function giveMoney(caller: AdminCaller, gift: MoneyGift): Promise<string> {
  const { benefit, customerId, code, note } = gift;
  if (benefit.kind === 'store-credit') return giveStoreCredit(caller, creditOf(gift));
  const { amountMinor, currency } = benefit;
  return createGiftCard(caller, { code, note, customerId, amountMinor, currency });
}

/** What an earlier try may have given. Nothing for a gift card: giving it again finds it. */
async function findGivenMoney(caller: AdminCaller, gift: MoneyGift, since: Date): Promise<string[]> {
  if (gift.benefit.kind === 'gift-card') return [];
  return findStoreCreditMovements(caller, { ...creditOf(gift), kind: 'credit', since });
}

/** Takes it back; null for a gift card, which ends without a transaction. Throws `Rejected` with 'benefit-used'. */
async function takeMoney(caller: AdminCaller, gift: MoneyGift): Promise<string | null> {
  if (gift.benefit.kind === 'store-credit') return takeStoreCredit(caller, creditOf(gift));
  if (gift.reference !== null) await endGiftCard(caller, gift.reference);
  return null;
}

/** What an earlier try may have taken back. */
async function findTakenMoney(caller: AdminCaller, gift: MoneyGift, since: Date): Promise<string[]> {
  if (gift.benefit.kind === 'gift-card') return [];
  return findStoreCreditMovements(caller, { ...creditOf(gift), kind: 'debit', since });
}

/** What carries out rewards of money. */
export const moneyMeans = {
  refresh: refreshGrant,
  give: giveMoney,
  findGiven: findGivenMoney,
  withdraw: takeMoney,
  findWithdrawn: findTakenMoney,
};

/** What carries out rewards that a discount code stands for. */
export const discountMeans = { refresh: refreshGrant, create: createDiscountCode };
