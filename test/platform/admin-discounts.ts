/** Discount codes of the stand-in Admin API. */
import { connection } from '#test/platform/admin-node.ts';
import type { Node } from '#test/platform/admin-node.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';

/** A discount code as the Admin API tells it, or null. */
export function discountNode(shop: Shop, id: string): Node | null {
  const discount = shop.discounts.find((candidate) => candidate.id === id);
  if (discount === undefined) return null;
  const codes = connection([
    { id: id.replace('DiscountCodeNode', 'DiscountRedeemCode'), code: discount.code, asyncUsageCount: 0 },
  ]);
  return {
    __typename: 'DiscountCodeNode',
    id,
    codeDiscount: { __typename: discount.kind, title: discount.title, status: discount.status, codes },
  };
}

function refuse(field: string[], message: string, code: string): Node {
  return { codeDiscountNode: null, userErrors: [{ field, message, code, extraInfo: null }] };
}

/** Answers `discountCodeBasicCreate` and `discountCodeFreeShippingCreate`; a code is taken once. */
export function createDiscount(shop: Shop, input: Node, kind: Shop['discounts'][number]['kind']): Node {
  const code = input['code'];
  const field = [kind === 'DiscountCodeBasic' ? 'basicCodeDiscount' : 'freeShippingCodeDiscount', 'code'];
  if (typeof code !== 'string' || code === '') return refuse(field, "Code can't be blank", 'BLANK');
  if (shop.discounts.some((discount) => discount.code === code))
    return refuse(field, 'Code must be unique. Please try a different code.', 'TAKEN');
  const id = `gid://shopify/DiscountCodeNode/${900_000 + shop.discounts.length}`;
  shop.discounts.push({
    id,
    code,
    title: typeof input['title'] === 'string' ? input['title'] : code,
    status: 'ACTIVE',
    kind,
    input,
  });
  return { codeDiscountNode: discountNode(shop, id), userErrors: [] };
}

/** Answers `discountCodeDeactivate`. */
export function deactivateDiscount(shop: Shop, id: string): Node {
  const discount = shop.discounts.find((candidate) => candidate.id === id);
  if (discount === undefined) return refuse(['id'], 'Code discount does not exist.', 'INVALID');
  discount.status = 'EXPIRED';
  return { codeDiscountNode: discountNode(shop, id), userErrors: [] };
}
