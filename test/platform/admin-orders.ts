/** Orders and refunds as the stand-in Admin API tells them. */
import { lineAmounts, minorOf, moneySet, sum } from '#test/platform/order-body.ts';
import type { LineBody, MoneySet, OrderBody, RefundBody, TaxLine } from '#test/platform/order-body.ts';
import { connection, gid, paged } from '#test/platform/admin-node.ts';
import type { Node, PageArguments } from '#test/platform/admin-node.ts';
import type { Payment } from '#test/platform/shopify-shops.ts';

function named(part: MoneySet['shop_money']): Node {
  return { amount: part.amount, currencyCode: part.currency_code };
}

function bag(money: MoneySet): Node {
  return { shopMoney: named(money.shop_money), presentmentMoney: named(money.presentment_money) };
}

/** Money of one currency as the Admin API tells it. */
export function bagOf(amountMinor: number, currency: string): Node {
  return bag(moneySet(amountMinor, currency));
}

function addressNode(address: { country_code: string } | null): Node | null {
  return address === null ? null : { countryCodeV2: address.country_code };
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
    originalUnitPriceSet: bag(line.price_set),
    vendor: line.vendor,
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

/** Money that went back, in the shopper's currency by the rate of the whole order. */
function paidBack(amountMinor: number, order: OrderBody): Node {
  const { shop_money: shop, presentment_money: shopper } = order.total_price_set;
  const [shopMinor, shopperMinor] = [
    minorOf(shop.amount, order.currency),
    minorOf(shopper.amount, shopper.currency_code),
  ];
  const inShoppersMinor = shopMinor === 0 ? 0 : Math.round((amountMinor * shopperMinor) / shopMinor);
  return {
    shopMoney: bagOf(amountMinor, order.currency)['shopMoney'],
    presentmentMoney: bagOf(inShoppersMinor, shopper.currency_code)['shopMoney'],
  };
}

/** A refund as the Admin API tells it. */
export function refundNode(refund: RefundBody, order: OrderBody): Node {
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
  const discrepancies = refund.order_adjustments.filter((adjustment) => adjustment.kind !== 'shipping_refund');
  const adjustments = discrepancies.map((adjustment, index) => ({
    id: gid('OrderAdjustment', refund.id * 10 + index),
    amountSet: bag(adjustment.amount_set),
    taxAmountSet: bag(adjustment.tax_amount_set),
    reason: 'REFUND_DISCREPANCY',
  }));
  const transactions = refund.transactions.map((money, index) => ({
    id: gid('OrderTransaction', refund.id * 10 + index),
    kind: money.kind.toUpperCase(),
    status: money.status.toUpperCase(),
    amountSet: paidBack(minorOf(money.amount, currency), order),
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
    refundShippingLines: connection(
      refund.refund_shipping_lines.map((line) => ({
        id: gid('RefundShippingLine', line.id),
        subtotalAmountSet: bag(line.subtotal_amount_set),
        taxAmountSet: paidBack(0, order),
      })),
    ),
    orderAdjustments: connection(adjustments),
    transactions: connection(transactions),
    duties: refund.duties.map((duty) => ({ amountSet: bag(duty.amount_set), originalDuty: null })),
    return: null,
  };
}

const bagOrNull = (money: MoneySet | null | undefined): Node | null => (money == null ? null : bag(money));

function orderMoney(order: OrderBody): Node {
  const { currency } = order;
  const current = totalsNow(order);
  return {
    totalPriceSet: bag(order.total_price_set),
    originalTotalDutiesSet: null,
    originalTotalAdditionalFeesSet: bagOrNull(order.original_total_additional_fees_set),
    currentTotalAdditionalFeesSet: bagOrNull(order.current_total_additional_fees_set),
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

/** Payments as the shop was told to remember them, or one of the whole price; then what every refund gave back. */
function transactionNodes(order: OrderBody, payments: Payment[] | undefined): Node[] {
  const { currency } = order;
  const sale = (gateway: string, amountMinor: number): Node => ({
    kind: 'SALE',
    status: 'SUCCESS',
    gateway,
    amountSet: bagOf(amountMinor, currency),
  });
  const isPaid = !['pending', 'authorized', 'voided'].includes(order.financial_status);
  const whole = isPaid ? [sale(order.payment_gateway_names[0] ?? '', minorOf(order.total_price, currency))] : [];
  const paid = payments?.map(({ gateway, amountMinor }) => sale(gateway, amountMinor)) ?? whole;
  const back = order.refunds.flatMap((refund) =>
    refund.transactions.map((money) => ({
      kind: money.kind.toUpperCase(),
      status: money.status.toUpperCase(),
      gateway: money.gateway,
      amountSet: bagOf(minorOf(money.amount, currency), currency),
    })),
  );
  return [...paid, ...back].map((node, index) => ({ id: gid('OrderTransaction', order.id * 100 + index), ...node }));
}

/** An order as the Admin API tells it. */
export function orderNode(order: OrderBody, payments?: Payment[]): Node {
  const shipping = order.shipping_lines.map((line) => ({
    id: gid('ShippingLine', line.id),
    title: line.title,
    originalPriceSet: bagOf(minorOf(line.price, order.currency), order.currency),
    discountedPriceSet: bag(line.discounted_price_set),
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
    displayFulfillmentStatus: order.fulfillment_status?.toUpperCase() ?? 'UNFULFILLED',
    fulfillments: order.fulfillments.map((fulfillment) => ({
      id: gid('Fulfillment', fulfillment.id),
      createdAt: fulfillment.created_at,
      status: fulfillment.status.toUpperCase(),
    })),
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
        : {
            id: gid('Location', order.location_id),
            legacyResourceId: String(order.location_id),
            address: { countryCode: 'DE' },
          },
    shippingAddress: addressNode(order.shipping_address),
    billingAddress: addressNode(order.billing_address),
    transactions: ({ first }: PageArguments) => transactionNodes(order, payments).slice(0, first ?? undefined),
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
