/** Store credit and gift cards of the stand-in Admin API: money of the shop's, kept and refused as Shopify would. */
import { connection } from '#test/platform/admin-node.ts';
import type { Node } from '#test/platform/admin-node.ts';
import { decimalOf, minorOf } from '#test/platform/order-body.ts';
import type { GiftCard, Shop, StoreCreditMovement } from '#test/platform/shopify-shops.ts';

type MoneyInput = { amount: string; currencyCode: string };

const giftCodePattern = /^[a-z0-9]{8,20}$/i;

const numberOf = (id: string) => Number(id.split('/').at(-1));

function money(amountMinor: number, currency: string): Node {
  return { amount: decimalOf(amountMinor, currency), currencyCode: currency };
}

function refuse(field: string[], code: string, message: string): Node {
  return { storeCreditAccountTransaction: null, userErrors: [{ field, code, message }] };
}

function movementsOf(shop: Shop, customerId: number, currency: string): StoreCreditMovement[] {
  return shop.storeCredit.filter((one) => one.customerId === customerId && one.currency === currency);
}

function accountNode(shop: Shop, customerId: number, currency: string): Node {
  const movements = movementsOf(shop, customerId, currency);
  return {
    id: `gid://shopify/StoreCreditAccount/${customerId}`,
    balance: money(movements.at(-1)?.balanceMinor ?? 0, currency),
    transactions: connection(movements.toReversed().map(movementNode)),
  };
}

function movementNode(movement: StoreCreditMovement): Node {
  const kind = movement.amountMinor > 0 ? 'Credit' : 'Debit';
  return {
    __typename: `StoreCreditAccount${kind}Transaction`,
    id: `gid://shopify/StoreCreditAccount${kind}Transaction/${movement.id}`,
    amount: money(movement.amountMinor, movement.currency),
    balanceAfterTransaction: money(movement.balanceMinor, movement.currency),
    createdAt: movement.createdAt,
    event: 'ADJUSTMENT',
  };
}

/** A customer's accounts, one for each currency in which they were ever given credit. */
export function storeCreditAccounts(shop: Shop, customerId: number): Node {
  const currencies = new Set(shop.storeCredit.flatMap((one) => (one.customerId === customerId ? one.currency : [])));
  return connection([...currencies].map((currency) => accountNode(shop, customerId, currency)));
}

/** Moves store credit; also how a test lets a customer spend some. */
export function moveStoreCredit(
  shop: Shop,
  moved: { customerId: number; currency: string; amountMinor: number },
): StoreCreditMovement {
  const before = movementsOf(shop, moved.customerId, moved.currency).at(-1)?.balanceMinor ?? 0;
  const movement = {
    ...moved,
    id: 600_000 + shop.storeCredit.length,
    balanceMinor: before + moved.amountMinor,
    createdAt: new Date().toISOString(),
  };
  shop.storeCredit.push(movement);
  return movement;
}

function move(shop: Shop, id: string, { amount, currencyCode: currency }: MoneyInput, sign: 1 | -1): Node {
  const customerId = numberOf(id);
  const amountMinor = minorOf(amount, currency);
  const before = movementsOf(shop, customerId, currency).at(-1);
  if (amountMinor <= 0) return refuse(['amount'], 'NEGATIVE_OR_ZERO_AMOUNT', 'must be greater than zero');
  if (!id.startsWith('gid://shopify/Customer/')) return refuse(['id'], 'ACCOUNT_NOT_FOUND', 'not found');
  if (!shop.customers.has(customerId)) return refuse(['id'], 'OWNER_NOT_FOUND', 'The owner does not exist');
  if (sign < 0 && before === undefined) return refuse(['id'], 'ACCOUNT_NOT_FOUND', 'not found');
  if (sign < 0 && (before?.balanceMinor ?? 0) < amountMinor)
    return refuse(['debitInput', 'debitAmount'], 'INSUFFICIENT_FUNDS', 'The account has insufficient funds');
  const movement = moveStoreCredit(shop, { customerId, currency, amountMinor: sign * amountMinor });
  const account = accountNode(shop, customerId, currency);
  return { storeCreditAccountTransaction: { ...movementNode(movement), account }, userErrors: [] };
}

function giftCardNode(card: GiftCard): Node {
  return {
    id: `gid://shopify/GiftCard/${card.id}`,
    note: card.note,
    enabled: card.isEnabled,
    lastCharacters: card.code.slice(-4),
    balance: money(card.balanceMinor, card.currency),
    initialValue: money(card.initialMinor, card.currency),
    createdAt: card.createdAt,
  };
}

function createGiftCard(shop: Shop, input: Node): Node {
  const refuseCard = (code: string) => ({
    giftCard: null,
    giftCardCode: null,
    userErrors: [{ field: ['input', 'code'], code, message: `Code ${code}` }],
  });
  const code = String(input['code']).toLowerCase();
  if (!giftCodePattern.test(code)) return refuseCard('INVALID');
  if (shop.giftCards.some((card) => card.code === code)) return refuseCard('TAKEN');
  const { amount, currencyCode } = input['initialAmount'] as MoneyInput;
  const initialMinor = minorOf(amount, currencyCode);
  if (initialMinor <= 0) return refuseCard('GREATER_THAN');
  const customerId = typeof input['customerId'] === 'string' ? numberOf(input['customerId']) : null;
  const card: GiftCard = {
    id: 700_000 + shop.giftCards.length,
    code,
    note: typeof input['note'] === 'string' ? input['note'] : null,
    customerId,
    currency: currencyCode,
    initialMinor,
    balanceMinor: initialMinor,
    isEnabled: true,
    createdAt: new Date().toISOString(),
  };
  shop.giftCards.push(card);
  return { giftCard: giftCardNode(card), giftCardCode: code, userErrors: [] };
}

/** The part of the Admin API's root that moves money. */
export function moneyRoot(shop: Shop): Node {
  const cardOf = (id: string) => shop.giftCards.find((card) => card.id === numberOf(id));
  return {
    storeCreditAccountCredit: ({ id, creditInput }: { id: string; creditInput: { creditAmount: MoneyInput } }) =>
      move(shop, id, creditInput.creditAmount, 1),
    storeCreditAccountDebit: ({ id, debitInput }: { id: string; debitInput: { debitAmount: MoneyInput } }) =>
      move(shop, id, debitInput.debitAmount, -1),
    giftCardCreate: ({ input }: { input: Node }) => createGiftCard(shop, input),
    giftCards: ({ query }: { query?: string | null }) =>
      connection(shop.giftCards.filter((card) => card.code === query?.toLowerCase()).map(giftCardNode)),
    giftCard: ({ id }: { id: string }) => {
      const card = cardOf(id);
      return card === undefined ? null : giftCardNode(card);
    },
    giftCardDeactivate: ({ id }: { id: string }) => {
      const card = cardOf(id);
      if (card === undefined)
        return { giftCard: null, userErrors: [{ field: ['id'], code: 'GIFT_CARD_NOT_FOUND', message: 'not found' }] };
      card.isEnabled = false;
      return { giftCard: giftCardNode(card), userErrors: [] };
    },
  };
}
