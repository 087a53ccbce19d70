/** Answers of the stand-in Admin API, drawn from what the shop's till and checkout have made. */
import type { OrderBody } from '#test/platform/order-body.ts';
import { catalogueRoot, productNode } from '#test/platform/admin-catalogue.ts';
import { gid, numberOf, paged } from '#test/platform/admin-node.ts';
import type { Node, PageArguments } from '#test/platform/admin-node.ts';
import { orderNode, refundNode } from '#test/platform/admin-orders.ts';
import { createDiscount, deactivateDiscount, discountNode } from '#test/platform/admin-discounts.ts';
import { moneyRoot, storeCreditAccounts } from '#test/platform/admin-money.ts';
import type { Customer, Shop } from '#test/platform/shopify-shops.ts';

function customerNode(customer: Customer): Node {
  return {
    id: gid('Customer', customer.id),
    legacyResourceId: String(customer.id),
    displayName: `${customer.firstName} ${customer.lastName}`,
    firstName: customer.firstName,
    lastName: customer.lastName,
    email: customer.email,
    phone: customer.phone,
    defaultEmailAddress: { emailAddress: customer.email, validFormat: true },
    defaultPhoneNumber: customer.phone === null ? null : { phoneNumber: customer.phone },
    verifiedEmail: true,
    locale: 'en',
    tags: customer.tags ?? [],
  };
}

function findCustomer(shop: Shop, identifier: Node): Node | null {
  const matches = (customer: Customer): boolean =>
    (identifier['id'] !== undefined && customer.id === numberOf(identifier['id'])) ||
    (identifier['emailAddress'] !== undefined && customer.email === identifier['emailAddress']) ||
    (identifier['phoneNumber'] !== undefined && customer.phone === identifier['phoneNumber']);
  const found = [...shop.customers.values()].find(matches);
  return found === undefined ? null : customerNode(found);
}

function shopNode(shop: Shop): Node {
  return {
    id: gid('Shop', shop.id),
    name: shop.name,
    email: shop.email,
    contactEmail: shop.email,
    myshopifyDomain: shop.domain,
    primaryDomain: { id: gid('Domain', shop.id), host: shop.domain, url: `https://${shop.domain}`, sslEnabled: true },
    url: `https://${shop.domain}`,
    currencyCode: shop.currency,
    ianaTimezone: shop.timeZone,
    timezoneAbbreviation: 'CET',
    taxesIncluded: true,
    billingAddress: { id: gid('ShopAddress', shop.id), countryCodeV2: shop.countryCode },
    shopAddress: { id: gid('ShopAddress', shop.id), countryCodeV2: shop.countryCode },
    plan: { publicDisplayName: 'Basic', partnerDevelopment: true, shopifyPlus: false },
  };
}

/** Orders by time of change, within the bounds of a search such as `updated_at:>='…' updated_at:<'…'`. */
function changedOrders(shop: Shop, query: string): Node[] {
  const bound = (operator: string): number => {
    const text = new RegExp(`updated_at:${operator}'([^']+)'`).exec(query)?.[1];
    return text === undefined ? Number.NaN : Date.parse(text);
  };
  const [from, until] = [bound('>='), bound('<')];
  const changedAt = (order: OrderBody) => Date.parse(order.updated_at);
  return [...shop.orders.values()]
    .filter((order) => !(changedAt(order) < from) && !(changedAt(order) >= until))
    .toSorted((one, two) => changedAt(one) - changedAt(two))
    .map((order) => orderNode(order, shop.payments.get(order.id)));
}

function findRefund(shop: Shop, id: unknown): Node | null {
  for (const order of shop.orders.values()) {
    const refund = order.refunds.find((candidate) => candidate.id === numberOf(id));
    if (refund !== undefined) return refundNode(refund, order);
  }
  return null;
}

/** The root of the Admin API for one shop and what it was granted. */
export function adminRoot(shop: Shop, scopes: string[]): Node {
  const installation = {
    id: gid('AppInstallation', shop.id),
    accessScopes: scopes.map((handle) => ({ handle, description: handle })),
    activeSubscriptions: [],
    app: { id: gid('App', 1), handle: 'stampwell', title: 'Stampwell' },
  };
  const orderOf = (id: unknown): Node | null => {
    const order = shop.orders.get(numberOf(id));
    return order === undefined ? null : orderNode(order, shop.payments.get(order.id));
  };
  return {
    shop: () => shopNode(shop),
    currentAppInstallation: () => installation,
    appInstallation: () => installation,
    order: ({ id }: Node) => orderOf(id),
    orders: ({ query, first, after }: PageArguments & { query?: string | null }) =>
      paged(changedOrders(shop, query ?? ''))({ first, after }),
    refund: ({ id }: Node) => findRefund(shop, id),
    product: ({ id }: Node) => productNode(shop, id),
    customer: ({ id }: Node) => {
      const found = findCustomer(shop, { id });
      return found === null ? null : { ...found, storeCreditAccounts: storeCreditAccounts(shop, numberOf(id)) };
    },
    customerByIdentifier: ({ identifier }: { identifier: Node }) => findCustomer(shop, identifier),
    codeDiscountNode: ({ id }: { id: string }) => discountNode(shop, id),
    codeDiscountNodeByCode: ({ code }: Node) => {
      const found = shop.discounts.find((discount) => discount.code === code);
      return found === undefined ? null : discountNode(shop, found.id);
    },
    discountCodeBasicCreate: ({ basicCodeDiscount }: { basicCodeDiscount: Node }) =>
      createDiscount(shop, basicCodeDiscount, 'DiscountCodeBasic'),
    discountCodeFreeShippingCreate: ({ freeShippingCodeDiscount }: { freeShippingCodeDiscount: Node }) =>
      createDiscount(shop, freeShippingCodeDiscount, 'DiscountCodeFreeShipping'),
    discountCodeDeactivate: ({ id }: { id: string }) => deactivateDiscount(shop, id),
    ...moneyRoot(shop),
    ...catalogueRoot(shop),
  };
}
