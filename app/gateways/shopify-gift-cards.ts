/** Gift cards: given with a code of our own making, so that giving one again never makes a second. */
import { z } from 'zod';

import { toDecimal } from '#app/domain/money.ts';
import { type AdminCaller, callAdmin } from '#app/gateways/shopify.ts';
import { Rejected } from '#app/lib/errors.ts';

export type GiftCard = {
  /** 8 to 20 letters and digits. */
  code: string;
  amountMinor: number;
  currency: string;
  customerId: string | null;
  /** Seen by the merchant only; also tells our own card from somebody else's. */
  note: string;
};

const userErrorsSchema = z.array(z.object({ code: z.string().nullable() }));
const createdSchema = z.object({
  giftCardCreate: z
    .object({ giftCard: z.object({ id: z.string() }).nullable(), userErrors: userErrorsSchema })
    .nullable(),
});
const foundSchema = z.object({
  giftCards: z.object({ nodes: z.array(z.object({ id: z.string(), note: z.string().nullable() })) }),
});
const stateSchema = z.object({
  giftCard: z
    .object({
      enabled: z.boolean(),
      balance: z.object({ amount: z.string() }),
      initialValue: z.object({ amount: z.string() }),
    })
    .nullable(),
});
const endedSchema = z.object({
  giftCardDeactivate: z
    .object({ giftCard: z.object({ id: z.string() }).nullable(), userErrors: userErrorsSchema })
    .nullable(),
});

const createMutation = `mutation CreateGiftCard($input: GiftCardCreateInput!) {
  giftCardCreate(input: $input) { giftCard { id } userErrors { code } }
}`;
const findQuery = `query GiftCardByCode($query: String!) {
  giftCards(first: 5, query: $query) { nodes { id note } }
}`;
const stateQuery = `query GiftCardState($id: ID!) {
  giftCard(id: $id) { enabled balance { amount } initialValue { amount } }
}`;
const endMutation = `mutation EndGiftCard($id: ID!) {
  giftCardDeactivate(id: $id) { giftCard { id } userErrors { code } }
}`;

/**
 * Makes a gift card and answers its id. Repeating it for the same code and note answers the card made before.
 * Throws `Rejected` when Shopify refuses, and like `callAdmin`.
 */
export async function createGiftCard(caller: AdminCaller, card: GiftCard): Promise<string> {
  const amount = toDecimal({ minor: card.amountMinor, currency: card.currency });
  if (amount === null) throw new Rejected('gift-card-refused', 'The currency of a reward is not known');
  const input = {
    code: card.code,
    note: card.note,
    initialAmount: { amount, currencyCode: card.currency },
    ...(card.customerId !== null && { customerId: `gid://shopify/Customer/${card.customerId}` }),
  };
  const { giftCardCreate: created } = await callAdmin(caller, {
    operation: createMutation,
    variables: { input },
    schema: createdSchema,
  });
  if (created?.giftCard != null) return created.giftCard.id;
  const codes = (created?.userErrors ?? []).map((problem) => problem.code);
  const earlier = codes.includes('TAKEN') ? await findGiftCard(caller, card) : null;
  if (earlier !== null) return earlier;
  throw new Rejected('gift-card-refused', `Shopify refused a gift card: ${codes.join(', ')}`);
}

async function findGiftCard(caller: AdminCaller, { code, note }: GiftCard): Promise<string | null> {
  const { giftCards } = await callAdmin(caller, {
    operation: findQuery,
    variables: { query: code },
    schema: foundSchema,
  });
  return giftCards.nodes.find((card) => card.note === note)?.id ?? null;
}

/**
 * Ends a gift card that nobody has used. One that was ended before is fine, so repeating it is safe. Throws `Rejected`
 * with the code 'benefit-used' when some of it is spent, and like `callAdmin`.
 */
export async function endGiftCard(caller: AdminCaller, giftCardId: string): Promise<void> {
  const { giftCard } = await callAdmin(caller, {
    operation: stateQuery,
    variables: { id: giftCardId },
    schema: stateSchema,
  });
  if (giftCard === null || !giftCard.enabled) return;
  if (giftCard.balance.amount !== giftCard.initialValue.amount)
    throw new Rejected('benefit-used', 'Some of a gift card is spent');
  await callAdmin(caller, { operation: endMutation, variables: { id: giftCardId }, schema: endedSchema });
}
