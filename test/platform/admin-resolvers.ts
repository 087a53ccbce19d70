/** Answers of the stand-in Admin API, drawn from what the shop's till and checkout have made. */
import { lineAmounts, minorOf, moneySet, sum } from '#test/platform/order-body.ts';
import type { LineBody, MoneySet, OrderBody, RefundBody, TaxLine } from '#test/platform/order-body.ts';
import { connection } from '#test/platform/admin-node.ts';
import type { Node } from '#test/platform/admin-node.ts';
import { createDiscount, deactivateDiscount, discountNode } from '#test/platform/admin-discounts.ts';
import type { Customer, Shop } from '#test/platform/shopify-shops.ts';

function named(part: MoneySet['shop_money']): Node {
  return { amount: part.amount, currencyCode: part.currency_code };
}

type PageArguments = { first?: number | null; after?: string | null };

/** A list that is answered page by page, as it was asked for. */
function paged(nodes: Node[]): (page: PageArguments) => Node {
  return ({ first, after }) => {
    const start = typeof after === 'string' ? Number(after) + 1 : 0;
    const end = typeof first === 'number' ? start + first : nodes.length;
    const edges = nodes.slice(start, end).map((node, index) => ({ cursor: String(start + index), node }));
    const cursors = { startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null };
    const pageInfo = { hasNextPage: end < nodes.length, hasPreviousPage: start > 0, ...cursors };
    return { nodes: edges.map((edge) => edge.node), edges, pageInfo };
  };
}

function bag(money: MoneySet): Node {
  return { shopMoney: named(money.shop_money), presentmentMoney: named(money.presentment_money) };
}

function bagOf(amountMinor: number, currency: string): Node {
  return bag(moneySet(amountMinor, currency));
}

function gid(kind: string, id: number): string {
  return `gid://shopify/${kind}/${id}`;
}

/** The number at the end of a global id. */
function numberOf(id: unknown): number {
  return Number(String(id).split('/').at(-1));
}

function taxNode(tax: TaxLine): Node {
  return {
    title: tax.title,
    price: tax.price,
    rate: tax.rate,
    ratePercentage: tax.rate * 100,
    priceSet: bag(tax.price_set),
  };
}

function lineNode(line: LineBody, order: OrderBody): Node {
  const { currency } = order;
  const amounts = lineAmounts(line, currency);
  return {
    id: gid('LineItem', line.id),
    name: line.title,
    title: line.title,
    quantity: line.quantity,
    currentQuantity: line.current_quantity,
    refundableQuantity: line.current_quantity,
    isGiftCard: line.gift_card,
    originalUnitPriceSet: bagOf(minorOf(line.price, currency), currency),
    originalTotalSet: bagOf(amounts.grossMinor, currency),
    discountedTotalSet: bagOf(amounts.netMinor, currency),
    totalDiscountSet: bagOf(amounts.grossMinor - amounts.netMinor, currency),
    discountAllocations: line.discount_allocations.map((part) => ({ allocatedAmountSet: bag(part.amount_set) })),
    taxLines: line.tax_lines.map(taxNode),
    taxable: line.tax_lines.length > 0,
    product:
      line.product_id === null
        ? null
        : { id: gid('Product', line.product_id), legacyResourceId: String(line.product_id) },
    variant:
      line.variant_id === null
        ? null
        : { id: gid('ProductVariant', line.variant_id), legacyResourceId: String(line.variant_id) },
    customAttributes: [],
  };
}

function refundNode(refund: RefundBody, order: OrderBody): Node {
  const { currency } = order;
  const lines = refund.refund_line_items.map((item) => ({
    id: gid('RefundLineItem', item.id),
    quantity: item.quantity,
    subtotalSet: bag(item.subtotal_set),
    totalTaxSet: bag(item.total_tax_set),
    priceSet: bagOf(minorOf(item.line_item.price, currency), currency),
    lineItem: lineNode(item.line_item, order),
    restockType: 'NO_RESTOCK',
  }));
  const adjustments = refund.order_adjustments.map((adjustment, index) => ({
    id: gid('OrderAdjustment', refund.id * 10 + index),
    amountSet: bagOf(minorOf(adjustment.amount, currency), currency),
    taxAmountSet: bagOf(minorOf(adjustment.tax_amount, currency), currency),
    reason: 'REFUND_DISCREPANCY',
  }));
  const transactions = refund.transactions.map((money, index) => ({
    id: gid('OrderTransaction', refund.id * 10 + index),
    kind: money.kind.toUpperCase(),
    status: money.status.toUpperCase(),
    amountSet: bagOf(minorOf(money.amount, currency), currency),
  }));
  const refundedMinor = sum(refund.transactions.map((money) => minorOf(money.amount, currency)));
  return {
    id: gid('Refund', refund.id),
    legacyResourceId: String(refund.id),
    createdAt: refund.created_at,
    processedAt: refund.processed_at,
    updatedAt: refund.created_at,
    totalRefundedSet: bagOf(refundedMinor, currency),
    refundLineItems: paged(lines),
    refundShippingLines: connection([]),
    orderAdjustments: connection(adjustments),
    transactions: connection(transactions),
    return: null,
  };
}

function orderMoney(order: OrderBody): Node {
  const { currency } = order;
  const current = totalsNow(order);
  return {
    totalPriceSet: bagOf(minorOf(order.total_price, currency), currency),
    subtotalPriceSet: bagOf(minorOf(order.subtotal_price, currency), currency),
    totalTaxSet: bagOf(minorOf(order.total_tax, currency), currency),
    totalDiscountsSet: bagOf(minorOf(order.total_discounts, currency), currency),
    totalTipReceivedSet: bagOf(minorOf(order.total_tip_received, currency), currency),
    totalTipReceived: { amount: order.total_tip_received, currencyCode: currency },
    totalShippingPriceSet: bagOf(sum(order.shipping_lines.map((line) => minorOf(line.price, currency))), currency),
    totalRefundedSet: bagOf(refundedTotal(order), currency),
    currentTotalPriceSet: bagOf(current, currency),
    currentSubtotalPriceSet: bagOf(subtotalNow(order), currency),
    netPaymentSet: bagOf(minorOf(order.total_price, currency) - refundedTotal(order), currency),
  };
}

function refundedTotal(order: OrderBody): number {
  return sum(
    order.refunds.flatMap((refund) => refund.transactions.map((money) => minorOf(money.amount, order.currency))),
  );
}

function totalsNow(order: OrderBody): number {
  const amounts = order.line_items.map((line) => lineAmounts(line, order.currency, line.current_quantity));
  return sum(amounts.map((amount) => amount.netMinor + (order.taxes_included ? 0 : amount.taxMinor)));
}

function subtotalNow(order: OrderBody): number {
  return sum(order.line_items.map((line) => lineAmounts(line, order.currency, line.current_quantity).netMinor));
}

function orderNode(order: OrderBody): Node {
  const shipping = order.shipping_lines.map((line) => ({
    id: gid('ShippingLine', line.id),
    title: line.title,
    originalPriceSet: bagOf(minorOf(line.price, order.currency), order.currency),
    discountedPriceSet: bagOf(minorOf(line.discounted_price, order.currency), order.currency),
    currentDiscountedPriceSet: bagOf(minorOf(line.discounted_price, order.currency), order.currency),
    taxLines: line.tax_lines.map(taxNode),
    discountAllocations: [],
    isRemoved: false,
  }));
  return {
    ...orderMoney(order),
    id: order.admin_graphql_api_id,
    legacyResourceId: String(order.id),
    name: order.name,
    number: order.order_number,
    createdAt: order.created_at,
    processedAt: order.processed_at,
    updatedAt: order.updated_at,
    cancelledAt: order.cancelled_at,
    cancelReason: order.cancel_reason?.toUpperCase() ?? null,
    test: order.test,
    displayFinancialStatus: order.financial_status.toUpperCase(),
    displayFulfillmentStatus: 'FULFILLED',
    currencyCode: order.currency,
    presentmentCurrencyCode: order.presentment_currency,
    taxesIncluded: order.taxes_included,
    sourceName: order.source_name,
    customer:
      order.customer === null
        ? null
        : { id: gid('Customer', order.customer.id), legacyResourceId: String(order.customer.id) },
    retailLocation:
      order.location_id === null
        ? null
        : { id: gid('Location', order.location_id), legacyResourceId: String(order.location_id) },
    discountCode: order.discount_codes[0]?.code ?? null,
    discountCodes: order.discount_codes.map((discount) => discount.code),
    customAttributes: order.note_attributes.map((attribute) => ({ key: attribute.name, value: attribute.value })),
    paymentGatewayNames: order.payment_gateway_names,
    lineItems: paged(order.line_items.map((line) => lineNode(line, order))),
    shippingLines: connection(shipping),
    taxLines: [],
    refunds: ({ first }: PageArguments) =>
      order.refunds.slice(0, first ?? undefined).map((refund) => refundNode(refund, order)),
  };
}

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
    tags: [],
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

function findRefund(shop: Shop, id: unknown): Node | null {
  for (const order of shop.orders.values()) {
    const refund = order.refunds.find((candidate) => candidate.id === numberOf(id));
    if (refund !== undefined) return refundNode(refund, order);
  }
  return null;
}

function productNode(shop: Shop, id: unknown): Node | null {
  const product = shop.products.find((candidate) => candidate.productId === numberOf(id));
  if (product === undefined) return null;
  const money = bagOf(product.priceMinor, shop.currency)['shopMoney'];
  return {
    id: gid('Product', product.productId),
    title: product.title,
    priceRangeV2: { minVariantPrice: money, maxVariantPrice: money },
  };
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
    return order === undefined ? null : orderNode(order);
  };
  return {
    shop: () => shopNode(shop),
    currentAppInstallation: () => installation,
    appInstallation: () => installation,
    order: ({ id }: Node) => orderOf(id),
    refund: ({ id }: Node) => findRefund(shop, id),
    product: ({ id }: Node) => productNode(shop, id),
    customer: ({ id }: Node) => findCustomer(shop, { id }),
    customerByIdentifier: ({ identifier }: { identifier: Node }) => findCustomer(shop, identifier),
    codeDiscountNode: ({ id }: { id: string }) => discountNode(shop, id),
    codeDiscountNodeByCode: ({ code }: Node) => {
      const found = shop.discounts.find((discount) => discount.code === code);
      return found === undefined ? null : discountNode(shop, found.id);
    },
    discountCodeBasicCreate: ({ basicCodeDiscount }: { basicCodeDiscount: Node }) =>
      createDiscount(shop, basicCodeDiscount),
    discountCodeDeactivate: ({ id }: { id: string }) => deactivateDiscount(shop, id),
  };
}
