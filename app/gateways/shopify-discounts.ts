/** Rewards as Shopify discounts: one code, used once, for one shopper where we know them. */
import { z } from 'zod';

import { type AdminCaller, callAdmin } from '#app/gateways/shopify.ts';
import { toDecimal } from '#app/domain/money.ts';
import type { DiscountBenefit } from '#app/domain/programs/reward-gates.ts';
import { Rejected } from '#app/lib/errors.ts';

export type DiscountCode = {
  code: string;
  /** Names the discount in Shopify's admin; also tells our own code from somebody else's. */
  title: string;
  benefit: DiscountBenefit;
  customerId: string | null;
  /** By the real clock: Shopify knows no other. */
  endsAt: Date;
};

const userErrorsSchema = z.array(z.object({ code: z.string().nullable(), message: z.string() }));
const nodeSchema = z.object({ id: z.string() }).nullable();
const createdSchema = z.object({
  created: z.object({ codeDiscountNode: nodeSchema, userErrors: userErrorsSchema }).nullable(),
});
const deactivatedSchema = z.object({
  discountCodeDeactivate: z.object({ codeDiscountNode: nodeSchema, userErrors: userErrorsSchema }).nullable(),
});
const foundSchema = z.object({
  codeDiscountNodeByCode: z
    .object({ id: z.string(), codeDiscount: z.object({ title: z.string().optional() }) })
    .nullable(),
});
const priceSchema = z.object({
  product: z.object({ priceRangeV2: z.object({ maxVariantPrice: z.object({ amount: z.string() }) }) }).nullable(),
});

const createMutation = `mutation CreateDiscount($discount: DiscountCodeBasicInput!) {
  created: discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id } userErrors { code message }
  }
}`;
const createShippingMutation = `mutation CreateFreeShipping($discount: DiscountCodeFreeShippingInput!) {
  created: discountCodeFreeShippingCreate(freeShippingCodeDiscount: $discount) {
    codeDiscountNode { id } userErrors { code message }
  }
}`;
const deactivateMutation = `mutation DeactivateDiscount($id: ID!) {
  discountCodeDeactivate(id: $id) { codeDiscountNode { id } userErrors { code message } }
}`;
const findQuery = `query DiscountByCode($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    id codeDiscount { ... on DiscountCodeBasic { title } ... on DiscountCodeFreeShipping { title } }
  }
}`;
const priceQuery = `query ProductPrice($id: ID!) {
  product(id: $id) { priceRangeV2 { maxVariantPrice { amount } } }
}`;

/**
 * Makes a code that works once. Repeating it for the same code and title answers the discount made before.
 * Throws `Rejected` when Shopify refuses it (a product that is gone, say), and like `callAdmin`.
 */
export async function createDiscountCode(caller: AdminCaller, discount: DiscountCode): Promise<{ discountId: string }> {
  const { code, title, customerId, endsAt, benefit } = discount;
  const input = {
    code,
    title,
    startsAt: new Date().toISOString(),
    endsAt: endsAt.toISOString(),
    usageLimit: 1,
    appliesOncePerCustomer: true,
    context: customerId === null ? { all: 'ALL' } : { customers: { add: [`gid://shopify/Customer/${customerId}`] } },
    ...(benefit.kind === 'free-shipping'
      ? { destination: { all: true } }
      : { customerGets: await customerGets(caller, benefit) }),
  };
  const { created } = await callAdmin(caller, {
    operation: benefit.kind === 'free-shipping' ? createShippingMutation : createMutation,
    variables: { discount: input },
    schema: createdSchema,
  });
  if (created?.codeDiscountNode != null) return { discountId: created.codeDiscountNode.id };
  const problems = created?.userErrors ?? [];
  // An earlier try got through although its answer did not reach us.
  const earlier = problems.some((problem) => problem.code === 'TAKEN') ? await findDiscount(caller, code) : null;
  if (earlier?.title === title) return { discountId: earlier.discountId };
  throw new Rejected(
    'discount-refused',
    `Shopify refused a discount: ${problems.map((problem) => problem.code).join(', ')}`,
  );
}

async function customerGets(
  caller: AdminCaller,
  benefit: Exclude<DiscountBenefit, { kind: 'free-shipping' }>,
): Promise<Record<string, unknown>> {
  if (benefit.kind === 'percent-off') return { value: { percentage: benefit.percent / 100 }, items: { all: true } };
  if (benefit.kind === 'amount-off') {
    const amount = toDecimal({ minor: benefit.amountMinor, currency: benefit.currency });
    if (amount === null) throw new Rejected('discount-refused', 'The currency of a reward is not known');
    return { value: { discountAmount: { amount, appliesOnEachItem: false } }, items: { all: true } };
  }
  const id = `gid://shopify/Product/${benefit.productId}`;
  const { product } = await callAdmin(caller, { operation: priceQuery, variables: { id }, schema: priceSchema });
  if (product === null) throw new Rejected('discount-refused', 'The product of a reward is gone');
  // A percentage would make every piece in the cart free; its price once is one piece.
  const { amount } = product.priceRangeV2.maxVariantPrice;
  return {
    value: { discountAmount: { amount, appliesOnEachItem: false } },
    items: { products: { productsToAdd: [id] } },
  };
}

/** The discount behind a code, or null. */
export async function findDiscount(
  caller: AdminCaller,
  code: string,
): Promise<{ discountId: string; title: string | null } | null> {
  const { codeDiscountNodeByCode: found } = await callAdmin(caller, {
    operation: findQuery,
    variables: { code },
    schema: foundSchema,
  });
  return found === null ? null : { discountId: found.id, title: found.codeDiscount.title ?? null };
}

/** Switches a discount off. One that is gone or off already is fine, so repeating it is safe. Throws like `callAdmin`. */
export async function deactivateDiscount(caller: AdminCaller, discountId: string): Promise<void> {
  await callAdmin(caller, { operation: deactivateMutation, variables: { id: discountId }, schema: deactivatedSchema });
}
