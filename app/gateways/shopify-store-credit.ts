/** Store credit: money of the shop's that a shopper spends like any tender, online and at the till. */
import { z } from 'zod';

import { toDecimal } from '#app/domain/money.ts';
import { type AdminCaller, callAdmin } from '#app/gateways/shopify.ts';
import { Rejected } from '#app/lib/errors.ts';

/** So much to or from a shopper's account of this currency. */
export type StoreCredit = { customerId: string; amountMinor: number; currency: string };

const userErrorsSchema = z.array(z.object({ code: z.string().nullable() }));
const movedSchema = z.object({
  moved: z
    .object({
      storeCreditAccountTransaction: z.object({ id: z.string() }).nullable(),
      userErrors: userErrorsSchema,
    })
    .nullable(),
});
const movementSchema = z.object({
  id: z.string().optional(),
  kind: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  amount: z.object({ amount: z.string(), currencyCode: z.string() }),
});
const accountsSchema = z.object({
  customer: z
    .object({
      storeCreditAccounts: z.object({
        nodes: z.array(z.object({ transactions: z.object({ nodes: z.array(movementSchema) }) })),
      }),
    })
    .nullable(),
});

// Asking for the account too makes a shop that did not let us read accounts refuse at once, before anything moves:
// without reading, a lost answer could never be cleared up.
const creditMutation = `mutation GiveStoreCredit($id: ID!, $input: StoreCreditAccountCreditInput!) {
  moved: storeCreditAccountCredit(id: $id, creditInput: $input) {
    storeCreditAccountTransaction { id account { id } } userErrors { code }
  }
}`;
const debitMutation = `mutation TakeStoreCredit($id: ID!, $input: StoreCreditAccountDebitInput!) {
  moved: storeCreditAccountDebit(id: $id, debitInput: $input) {
    storeCreditAccountTransaction { id account { id } } userErrors { code }
  }
}`;
const movementsQuery = `query StoreCreditMovements($id: ID!) {
  customer(id: $id) {
    storeCreditAccounts(first: 20) {
      nodes {
        transactions(first: 50, reverse: true) {
          nodes {
            kind: __typename createdAt amount { amount currencyCode }
            ... on StoreCreditAccountCreditTransaction { id }
            ... on StoreCreditAccountDebitTransaction { id }
          }
        }
      }
    }
  }
}`;

const gidOf = (customerId: string) => `gid://shopify/Customer/${customerId}`;

function moneyOf({ amountMinor, currency }: StoreCredit): { amount: string; currencyCode: string } {
  const amount = toDecimal({ minor: amountMinor, currency });
  if (amount === null) throw new Rejected('store-credit-refused', 'The currency of a reward is not known');
  return { amount, currencyCode: currency };
}

/**
 * Credits a shopper's account and answers the transaction. Not safe to repeat: after a lost answer look with
 * `findStoreCreditMovements` first. Throws `Rejected` when Shopify refuses, and like `callAdmin`.
 */
export async function giveStoreCredit(caller: AdminCaller, credit: StoreCredit): Promise<string> {
  const { moved } = await callAdmin(caller, {
    operation: creditMutation,
    variables: { id: gidOf(credit.customerId), input: { creditAmount: moneyOf(credit), notify: false } },
    schema: movedSchema,
    isOnce: true,
  });
  return transactionOf(moved);
}

/**
 * Takes credit back and answers the transaction. Not safe to repeat either. Throws `Rejected` with the code
 * 'benefit-used' when it was spent meanwhile.
 */
export async function takeStoreCredit(caller: AdminCaller, credit: StoreCredit): Promise<string> {
  const { moved } = await callAdmin(caller, {
    operation: debitMutation,
    variables: { id: gidOf(credit.customerId), input: { debitAmount: moneyOf(credit) } },
    schema: movedSchema,
    isOnce: true,
  });
  return transactionOf(moved);
}

function transactionOf(moved: z.infer<typeof movedSchema>['moved']): string {
  if (moved?.storeCreditAccountTransaction != null) return moved.storeCreditAccountTransaction.id;
  const codes = (moved?.userErrors ?? []).map((problem) => problem.code);
  const isSpent = codes.includes('INSUFFICIENT_FUNDS') || codes.includes('ACCOUNT_NOT_FOUND');
  throw new Rejected(
    isSpent ? 'benefit-used' : 'store-credit-refused',
    `Shopify refused store credit: ${codes.join(', ')}`,
  );
}

/** Credits or debits of exactly this amount since an instant, newest first: what a try whose answer was lost may have done. */
export async function findStoreCreditMovements(
  caller: AdminCaller,
  sought: StoreCredit & { kind: 'credit' | 'debit'; since: Date },
): Promise<string[]> {
  const { customer } = await callAdmin(caller, {
    operation: movementsQuery,
    variables: { id: gidOf(sought.customerId) },
    schema: accountsSchema,
  });
  const { amount, currencyCode } = moneyOf(sought);
  const kind = sought.kind === 'credit' ? 'StoreCreditAccountCreditTransaction' : 'StoreCreditAccountDebitTransaction';
  const movements = (customer?.storeCreditAccounts.nodes ?? []).flatMap((account) => account.transactions.nodes);
  return movements.flatMap((movement) => {
    const isSought =
      movement.kind === kind &&
      movement.amount.currencyCode === currencyCode &&
      isSameAmount(movement.amount.amount, amount) &&
      new Date(movement.createdAt) >= sought.since;
    return isSought && movement.id !== undefined ? [movement.id] : [];
  });
}

/** Shopify writes "5.0" where we write "5.00", and debits with or without a minus sign. */
function isSameAmount(one: string, two: string): boolean {
  return plainDecimal(one) === plainDecimal(two);
}

function plainDecimal(decimal: string): string {
  const [whole = '', fraction = ''] = decimal.replace(/^-/, '').split('.');
  return `${whole}.${fraction.replace(/0+$/, '')}`;
}
