/** The parts of an order body: lines, shipping, people and the fields that rarely matter. */
import { createHash } from 'node:crypto';

import { decimalOf, moneySet, shareOf } from '#test/platform/order-body.ts';
import type { LineBody, OrderBody, TaxLine } from '#test/platform/order-body.ts';

export type OrderLineInput = {
  title: string;
  unitPriceMinor: number;
  quantity: number;
  productId: number | null;
  variantId?: number | null;
  vendor?: string;
  discountMinor?: number;
  isGiftCard?: boolean;
  /** A tip bought as a line, as some tills do. */
  isTip?: boolean;
};

export type OrderInput = {
  number: number;
  at: Date;
  currency: string;
  channel: 'online' | 'pos' | 'draft';
  lines: OrderLineInput[];
  financialStatus?: 'paid' | 'pending' | 'authorized' | 'partially_paid' | 'voided';
  isTest?: boolean;
  taxesIncluded?: boolean;
  /** Tax in thousandths of the price: 190 is 19 %. */
  taxPerMille?: number;
  shippingMinor?: number;
  tipMinor?: number;
  customer?: { id: number; email: string; firstName: string; lastName: string } | null;
  /** What the till scanned: travels as a cart attribute. */
  cardCode?: string | null;
  discountCode?: string | null;
  locationId?: number | null;
  paidWithGiftCard?: boolean;
  /** Where several tenders pay: the names of all of them. */
  gateways?: string[];
  /** When all of it left; goods of the till are handed over at once. */
  fulfilledAt?: Date;
};

function taxOf(netMinor: number, input: OrderInput): TaxLine[] {
  const perMille = input.taxPerMille ?? 0;
  if (perMille === 0) return [];
  const taxMinor =
    input.taxesIncluded === true ? shareOf(netMinor, perMille, 1000 + perMille) : shareOf(netMinor, perMille, 1000);
  return [
    {
      title: 'VAT',
      price: decimalOf(taxMinor, input.currency),
      rate: perMille / 1000,
      channel_liable: null,
      price_set: moneySet(taxMinor, input.currency),
    },
  ];
}

/** One line as bought. */
export function buildLine(line: OrderLineInput, input: OrderInput, id: number): LineBody {
  const { currency } = input;
  const discountMinor = line.discountMinor ?? 0;
  const netMinor = line.unitPriceMinor * line.quantity - discountMinor;
  const isTaxable = line.isGiftCard !== true && line.isTip !== true;
  const built = {
    id,
    admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
    attributed_staffs: [],
    current_quantity: line.quantity,
    fulfillable_quantity: 0,
    fulfillment_service: 'manual',
    fulfillment_status: 'fulfilled',
    gift_card: line.isGiftCard ?? false,
    grams: 250,
    name: line.title,
    price: decimalOf(line.unitPriceMinor, currency),
    price_set: moneySet(line.unitPriceMinor, currency),
    product_exists: line.productId !== null,
    product_id: line.isTip === true ? null : line.productId,
    properties: [],
    quantity: line.quantity,
    requires_shipping: false,
    sku: line.isTip === true ? null : `SKU-${line.productId ?? 'CUSTOM'}`,
    taxable: isTaxable,
    title: line.title,
    total_discount: decimalOf(0, currency),
    total_discount_set: moneySet(0, currency),
    variant_id: line.variantId ?? null,
    variant_inventory_management: null,
    variant_title: null,
    vendor: line.vendor ?? null,
    tax_lines: isTaxable ? taxOf(netMinor, input) : [],
    duties: [],
    discount_allocations:
      discountMinor === 0
        ? []
        : [
            {
              amount: decimalOf(discountMinor, currency),
              amount_set: moneySet(discountMinor, currency),
              discount_application_index: 0,
            },
          ],
  };
  return built;
}

/** The shipping lines: none or one. */
export function buildShipping(input: OrderInput, id: number): OrderBody['shipping_lines'] {
  if (input.shippingMinor === undefined) return [];
  const price = decimalOf(input.shippingMinor, input.currency);
  const line = {
    id,
    carrier_identifier: null,
    code: 'Standard',
    discount_allocations: [],
    discounted_price: price,
    discounted_price_set: moneySet(input.shippingMinor, input.currency),
    is_removed: false,
    phone: null,
    price,
    price_set: moneySet(input.shippingMinor, input.currency),
    requested_fulfillment_service_id: null,
    source: 'shopify',
    tax_lines: [],
    title: 'Standard',
  };
  return [line];
}

/** Who bought: customer, contact and addresses. */
export function buildPeople(
  input: OrderInput,
  stamp: string,
): Pick<OrderBody, 'customer' | 'billing_address' | 'shipping_address'> & Record<string, unknown> {
  const person = input.customer ?? null;
  if (person === null)
    return {
      customer: null,
      contact_email: null,
      email: '',
      phone: null,
      billing_address: null,
      shipping_address: null,
    };
  const address = {
    first_name: person.firstName,
    last_name: person.lastName,
    name: `${person.firstName} ${person.lastName}`,
    company: null,
    address1: 'Example Street 1',
    address2: null,
    city: 'Berlin',
    zip: '10115',
    province: null,
    province_code: null,
    country: 'Germany',
    country_code: 'DE',
    phone: null,
    latitude: null,
    longitude: null,
  };
  const customer = {
    id: person.id,
    email: person.email,
    created_at: stamp,
    updated_at: stamp,
    first_name: person.firstName,
    last_name: person.lastName,
    state: 'disabled',
    note: null,
    verified_email: true,
    multipass_identifier: null,
    tax_exempt: false,
    phone: null,
    email_marketing_consent: { state: 'not_subscribed', opt_in_level: 'single_opt_in', consent_updated_at: null },
    sms_marketing_consent: null,
    tags: '',
    currency: input.currency,
    tax_exemptions: [],
    admin_graphql_api_id: `gid://shopify/Customer/${person.id}`,
    default_address: { id: person.id + 7, customer_id: person.id, ...address, country_name: 'Germany', default: true },
  };
  const isShipped = input.channel === 'online';
  return {
    customer,
    contact_email: person.email,
    email: person.email,
    phone: null,
    billing_address: address,
    shipping_address: isShipped ? address : null,
  };
}

/** Everything an order carries that our builders never vary. */
export function fixedFields(id: number, stamp: string, input: OrderInput): Record<string, unknown> {
  const { currency } = input;
  const token = createHash('md5').update(String(id)).digest('hex');
  const zero = moneySet(0, currency);
  return {
    app_id: 580_111,
    browser_ip: null,
    buyer_accepts_marketing: false,
    cart_token: null,
    checkout_id: id + 1_000_000,
    checkout_token: token,
    client_details: null,
    closed_at: null,
    confirmation_number: token.slice(0, 9).toUpperCase(),
    confirmed: true,
    current_total_additional_fees_set: null,
    current_total_duties_set: null,
    customer_locale: 'en',
    duties_included: false,
    estimated_taxes: false,
    landing_site: null,
    landing_site_ref: null,
    merchant_business_entity_id: 'MTU0ODM4MDAwOQ',
    merchant_of_record_app_id: null,
    note: null,
    number: input.number - 1000,
    order_status_url: `https://shop.example/${id}/orders/${token}/authenticate?key=${token}`,
    original_total_additional_fees_set: null,
    original_total_duties_set: null,
    payment_terms: null,
    po_number: null,
    reference: null,
    referring_site: null,
    source_identifier: null,
    source_url: null,
    tags: '',
    tax_exempt: false,
    tax_lines: [],
    token,
    total_cash_rounding_payment_adjustment_set: zero,
    total_cash_rounding_refund_adjustment_set: zero,
    total_weight: 0,
    discount_applications: discountApplications(input),
    created_at: stamp,
  };
}

function discountApplications(input: OrderInput): unknown[] {
  const isDiscounted = input.lines.some((line) => (line.discountMinor ?? 0) > 0);
  if (!isDiscounted) return [];
  const discountMinor = input.lines.reduce((total, line) => total + (line.discountMinor ?? 0), 0);
  const isCode = typeof input.discountCode === 'string';
  return [
    {
      target_type: 'line_item',
      type: isCode ? 'discount_code' : 'manual',
      ...(isCode ? { code: input.discountCode } : { title: 'Discount', description: 'Discount' }),
      value: decimalOf(discountMinor, input.currency),
      value_type: 'fixed_amount',
      allocation_method: 'across',
      target_selection: 'all',
    },
  ];
}

/** Whether and when all of it left. */
export function fulfillmentOf(input: OrderInput, id: number): Pick<OrderBody, 'fulfillment_status' | 'fulfillments'> {
  const { fulfilledAt, channel } = input;
  if (fulfilledAt === undefined)
    return { fulfillment_status: channel === 'pos' ? 'fulfilled' : null, fulfillments: [] };
  const fulfillment = { id: id + 5, created_at: fulfilledAt.toISOString(), status: 'success' };
  return { fulfillment_status: 'fulfilled', fulfillments: [fulfillment] };
}
