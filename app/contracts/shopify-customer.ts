/** Shopify's customer and the three mandatory compliance bodies, reduced to the fields we may use. */
import {
  asBody,
  type Body,
  idOf,
  isBody,
  misfit,
  type Reading,
  readId,
  readList,
  readOwnId,
  readText,
  readTime,
} from '#app/contracts/shopify-reading.ts';

const textLengthMax = 320;
const nameLengthMax = 255;
const stateLengthMax = 40;
/** Shopify allows 250 tags of 255 characters. */
const tagsLengthMax = 65_536;

/** One marketing channel's choice as Shopify tells it, such as `subscribed`. */
export type MarketingConsent = { state: string; optInLevel: string | null; updatedAt: string | null };

/** Personal data: to be sealed wherever it rests. Fields are null when the app may not see them or there are none. */
export type CustomerIdentity = {
  customerId: string;
  email: string | null;
  phone: string | null;
  firstName: string | null;
  lastName: string | null;
  verifiedEmail: boolean;
  /** ISO 8601 UTC; null in bodies that tell one consent only. */
  updatedAt: string | null;
  emailMarketing: MarketingConsent | null;
  smsMarketing: MarketingConsent | null;
  /** Null in bodies that tell none. */
  tags: string[] | null;
};

/** Whom and what a compliance request is about. Any of it may be missing; `shop/redact` names nobody. */
export type ComplianceRequest = {
  customerId: string | null;
  email: string | null;
  phone: string | null;
  orderIds: string[];
  dataRequestId: string | null;
};

/**
 * Reads `customers/create|update|delete` and the two consent topics. A problem names the field that did not fit, never
 * its content.
 */
export function projectCustomer(
  body: unknown,
): { ok: true; customer: CustomerIdentity } | { ok: false; problem: string } {
  if (!isBody(body)) return { ok: false, problem: 'the body is not an object' };
  const reading: Reading = { problem: null };
  const customerId = readId(reading, body, 'customer_id') ?? readOwnId(body);
  if (customerId === null) return { ok: false, problem: 'id does not fit' };
  const customer: CustomerIdentity = {
    customerId,
    email: readText(body, 'email', textLengthMax) ?? readText(body, 'email_address', textLengthMax),
    phone: readText(body, 'phone', textLengthMax),
    firstName: readText(body, 'first_name', nameLengthMax),
    lastName: readText(body, 'last_name', nameLengthMax),
    verifiedEmail: body['verified_email'] === true,
    updatedAt: readTime(reading, body, 'updated_at'),
    emailMarketing: readConsent(reading, body, 'email_marketing_consent'),
    smsMarketing: readConsent(reading, body, 'sms_marketing_consent'),
    tags: readTags(body),
  };
  return reading.problem === null ? { ok: true, customer } : { ok: false, problem: reading.problem };
}

/** One text, with a comma between two tags. */
function readTags(body: Body): string[] | null {
  const text = body['tags'];
  if (typeof text !== 'string' || text.length > tagsLengthMax || text.includes('\0') || !text.isWellFormed())
    return null;
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

function readConsent(reading: Reading, body: Body, key: string): MarketingConsent | null {
  const consent = asBody(body[key]);
  const state = readText(consent, 'state', stateLengthMax);
  if (state === null) return null;
  return {
    state,
    optInLevel: readText(consent, 'opt_in_level', stateLengthMax),
    updatedAt: readTime(reading, consent, 'consent_updated_at'),
  };
}

/**
 * Reads `customers/data_request`, `customers/redact` and `shop/redact`. It refuses only what it cannot read at all: a
 * person's request must not fail on a detail.
 */
export function projectCompliance(
  body: unknown,
): { ok: true; request: ComplianceRequest } | { ok: false; problem: string } {
  if (!isBody(body)) return { ok: false, problem: 'the body is not an object' };
  const reading: Reading = { problem: null };
  const customer = asBody(body['customer']);
  const orders = [...readList(reading, body, 'orders_to_redact'), ...readList(reading, body, 'orders_requested')];
  const orderIds = orders.map(idOf);
  if (orderIds.includes(null)) misfit(reading, 'orders');
  if (reading.problem !== null) return { ok: false, problem: reading.problem };
  return {
    ok: true,
    request: {
      customerId: readOwnId(customer),
      email: readText(customer, 'email', textLengthMax),
      phone: readText(customer, 'phone', textLengthMax),
      orderIds: orderIds.filter((id) => id !== null),
      dataRequestId: readOwnId(asBody(body['data_request'])),
    },
  };
}
