/** What the stand-in Shopify remembers of each shop. Memory only: it forgets when it stops. */
import { createHash, createHmac, randomBytes } from 'node:crypto';

import type { OrderBody } from '#test/platform/order-body.ts';

export type Product = {
  productId: number;
  variantId: number;
  title: string;
  priceMinor: number;
  isGiftCard: boolean;
  /** Which drawing the till shows. */
  icon: 'cup' | 'mug' | 'bag' | 'gift';
  tags?: string[];
  productType?: string;
  collectionIds?: number[];
};

export type Customer = {
  id: number;
  email: string;
  firstName: string;
  lastName: string;
  phone: string | null;
  tags?: string[];
};

/** What one tender paid of an order. */
export type Payment = { gateway: string; amountMinor: number };

type Discount = {
  id: string;
  code: string;
  title: string;
  status: 'ACTIVE' | 'EXPIRED';
  kind: 'DiscountCodeBasic' | 'DiscountCodeFreeShipping';
  input: unknown;
};

/** One movement of a customer's store credit; a debit is negative. */
export type StoreCreditMovement = {
  id: number;
  customerId: number;
  currency: string;
  amountMinor: number;
  balanceMinor: number;
  createdAt: string;
};

export type GiftCard = {
  id: number;
  code: string;
  note: string | null;
  customerId: number | null;
  currency: string;
  initialMinor: number;
  balanceMinor: number;
  isEnabled: boolean;
  createdAt: string;
};

/** One offline token with its refresh token. A replaced one lives until its replacement is first used. */
export type TokenGrant = {
  accessToken: string;
  accessExpiresAtMs: number;
  refreshToken: string | null;
  refreshExpiresAtMs: number;
  scopes: string[];
  replaces: TokenGrant | null;
  isRevoked: boolean;
};

export type Shop = {
  domain: string;
  id: number;
  name: string;
  currency: string;
  timeZone: string;
  countryCode: string;
  email: string;
  products: Product[];
  customers: Map<number, Customer>;
  orders: Map<number, OrderBody>;
  /** By order id, where several tenders paid. */
  payments: Map<number, Payment[]>;
  /** The customers in each segment. */
  segments: Map<number, Set<number>>;
  /** The market of each country, by its code. */
  markets: Map<string, number>;
  discounts: Discount[];
  storeCredit: StoreCreditMovement[];
  giftCards: GiftCard[];
  grants: TokenGrant[];
  tokenCalls: { exchanges: number; refreshes: number };
  /** Set by tests: what the token endpoint and the Admin API do wrong. */
  faults: {
    isRefreshRefused: boolean;
    tokenDelayMs: number;
    throttledCalls: number;
    failingCalls: number;
    /** Carried out, but the answer is lost. */
    lostAnswers: number;
    /** How long the Admin API waits before it does the work; for who hung up meanwhile it does none. */
    requestDelayMs: number;
    /** How long it holds an answer back once the work is done. */
    answerDelayMs: number;
  };
};

const menu: Product[] = [
  { productId: 7_001_001, variantId: 41_001_001, title: 'Flat white', priceMinor: 380, isGiftCard: false, icon: 'cup' },
  { productId: 7_001_002, variantId: 41_001_002, title: 'Cappuccino', priceMinor: 420, isGiftCard: false, icon: 'mug' },
  {
    productId: 7_001_003,
    variantId: 41_001_003,
    title: 'Bag of beans',
    priceMinor: 1450,
    isGiftCard: false,
    icon: 'bag',
  },
  { productId: 7_001_004, variantId: 41_001_004, title: 'Gift card', priceMinor: 2500, isGiftCard: true, icon: 'gift' },
];

const shopDomainPattern = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** Whether a text can be a shop's domain. */
export function isShopDomain(domain: string): boolean {
  return shopDomainPattern.test(domain);
}

function nameOf(domain: string): string {
  if (domain === 'demo.myshopify.com') return 'Bluebird Coffee';
  const words = domain.replace('.myshopify.com', '').split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}

/** Makes a shop with a small menu. The same domain always gets the same id, also after a restart. */
export function createShop(domain: string): Shop {
  const id = createHash('sha256').update(domain).digest().readUInt32BE(0);
  return {
    domain,
    id,
    name: nameOf(domain),
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    countryCode: 'DE',
    email: `owner@${domain.replace('.myshopify.com', '.example')}`,
    products: menu.map((product) => ({ ...product })),
    customers: new Map(),
    orders: new Map(),
    payments: new Map(),
    segments: new Map(),
    markets: new Map(),
    discounts: [],
    storeCredit: [],
    giftCards: [],
    grants: [],
    tokenCalls: { exchanges: 0, refreshes: 0 },
    faults: {
      isRefreshRefused: false,
      tokenDelayMs: 0,
      throttledCalls: 0,
      failingCalls: 0,
      lostAnswers: 0,
      requestDelayMs: 0,
      answerDelayMs: 0,
    },
  };
}

/**
 * A token with Shopify's prefix: half random, half a mark that only this app and shop's tokens carry. By the mark a
 * restarted stand-in, which remembers nothing, still knows the tokens it gave out.
 */
export function newToken(secret: string, shop: Shop, prefix: 'shpat' | 'shprt'): string {
  const random = randomBytes(8).toString('hex');
  return `${prefix}_${random}${markOf(secret, shop, random)}`;
}

/** Whether a token was given to this shop, by this stand-in or an earlier one with the same secret. */
export function isOwnToken(secret: string, shop: Shop, token: string): boolean {
  const [, random = '', mark = ''] = /^shp(?:at|rt)_([0-9a-f]{16})([0-9a-f]{16})$/.exec(token) ?? [];
  return mark !== '' && markOf(secret, shop, random) === mark;
}

function markOf(secret: string, shop: Shop, random: string): string {
  return createHmac('sha256', secret).update(`${shop.domain}/${random}`).digest('hex').slice(0, 16);
}
