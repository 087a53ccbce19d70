/** Two shops with something of every kind, and by name all that a request can name of them. */
import { randomBytes, randomUUID } from 'node:crypto';

import { apiScopes } from '#app/contracts/api-scopes.ts';
import { passToken } from '#app/data/cards/passes.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { platformPassType } from '#app/gateways/apple-issuers.ts';
import { createApiClient } from '#app/flows/api/create-api-client.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { createLinkToken, type LinkPurpose } from '#app/lib/signed-link.ts';
import { call } from '#test/platform/http.ts';
import { cardCodeOf, type ExtensionRig } from '#test/support/extensions.ts';
import { fillShop } from '#test/support/every-table.ts';
import { deliver, drain, orderBody, type TestShop } from '#test/support/factories.ts';
import { openStaffedShop } from '#test/support/staffed-shop.ts';

/** By the name of an id: the table and the column it stands in. */
const columns = {
  simulationId: 'simulation.id',
  rolloutId: 'card_rollout.id',
  requestId: 'certificate_request.id',
  appleIssuerId: 'apple_issuer.id',
  googleIssuerId: 'google_issuer.id',
  passId: 'pass.id',
  reportId: 'activity_report.id',
  mailRequestId: 'mail_request.id',
  controlId: 'security_control.id',
  decisionId: 'risk_decision.id',
  accessId: 'support_access.id',
  serial: 'pass.serial',
  picture: 'shop_image.hash',
} as const;

type Column = keyof typeof columns;

/** Everything a request can name that is one shop's and no other's. */
export type Ids = Record<
  | Column
  | 'memberId'
  | 'programId'
  | 'campaignId'
  | 'incidentId'
  | 'deliveryId'
  | 'reservationId'
  | 'entryId'
  | 'caseId'
  | 'certifiedId'
  | 'spareClientId'
  | 'staffId'
  | 'clientId'
  | 'customerId'
  | 'orderId'
  | 'orderName'
  | 'receiptCode'
  | 'eventKey'
  | 'cardCode'
  | 'inviteCode'
  | 'accessToken'
  | 'downloadGrant',
  string
>;

/**
 * The tables that these ids are of, where losing row-level security must be noticed. Orders that were submitted, events and
 * simulations are looked up together with the client, member or program they are of, whose own table is here.
 */
export const tables: Record<string, (keyof Ids)[]> = {
  member: ['memberId'],
  program: ['programId'],
  pass: ['passId', 'serial'],
  reservation: ['reservationId'],
  erasure_case: ['caseId', 'certifiedId'],
  card_rollout: ['rolloutId'],
  certificate_request: ['requestId'],
  apple_issuer: ['appleIssuerId'],
  google_issuer: ['googleIssuerId'],
  activity_report: ['reportId'],
  mail_request: ['mailRequestId'],
  security_control: ['controlId'],
  risk_decision: ['decisionId'],
  support_access: ['accessId'],
  ledger_entry: ['entryId'],
  inbox: ['deliveryId'],
  campaign: ['campaignId'],
  incident: ['incidentId'],
  shop_staff: ['staffId'],
  api_client: ['clientId', 'spareClientId'],
  shop_image: ['picture'],
};

export type Side = {
  shop: TestShop;
  ids: Ids;
  /** Of its API client, with every scope. */
  clientSecret: string;
  accessToken: string;
  /** What opens its own pass, as the phone shows it. */
  passToken: string;
  /** A link that this shop signed, to whatever it names. */
  sign: (purpose: LinkPurpose, subjectId: string) => string;
};

/** What personal data of the other shop would be known by. */
export const canary = { name: 'Crossing Canary', email: 'crossing-canary@example.com' };

async function signerOf(shop: TestShop) {
  const keys = await withShop(shop.shopId, findShopKeys);
  if (keys === null) throw new Error('the shop has no keys');
  const expiresAt = new Date(Date.now() + 3_600_000);
  const sign = (purpose: LinkPurpose, subjectId: string) =>
    createLinkToken(keys, purpose, { subjectId, expiresAt, generation: 0 });
  return { keys, sign };
}

async function openClient(url: string, shop: TestShop) {
  const terms = { name: 'Till', scopes: [...apiScopes], programIds: null, networks: [], requestsPerSecond: 1_000 };
  const asked = { shopId: shop.shopId, actor: 'staff:1', terms: { ...terms, expiresAt: null }, isPairwise: false };
  const { clientId, secret } = await createApiClient(asked);
  return { clientId, secret, accessToken: await tokenOf(url, { clientId, secret }) };
}

/** A token for the client's secret. */
async function tokenOf(url: string, { clientId, secret }: { clientId: string; secret: string }): Promise<string> {
  const body = JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret });
  const answer = await call({ url: `${url}/oauth/token`, headers: { 'content-type': 'application/json' }, body });
  const told: unknown = JSON.parse(answer.body.toString('utf8'));
  if (typeof told === 'object' && told !== null && 'access_token' in told) return String(told.access_token);
  throw new Error(`no token: ${answer.body.toString('utf8')}`);
}

type Place = { rig: ExtensionRig; url: string };

/** Rows that neither the staffed nor the filled shop has. */
async function plant({ rig }: Place, shop: TestShop, memberId: string) {
  const { sql } = rig.system;
  const spareClientId = `swc_${randomBytes(10).toString('hex')}`;
  await sql(
    `insert into api_client (shop_id, id, name, secret_hash, scopes, created_at) values ($1, $2, 'spare', '', '{}', now())`,
    [shop.shopId, spareClientId],
  );
  // What was planted to have a row, and is none that the product could have written.
  await sql(
    `with gone as (delete from reservation where shop_id = $1 and length(inputs_hash) = 1 returning member_id, unit, cost)
     update balance b set held = held - cost from gone g
     where b.shop_id = $1 and b.member_id = g.member_id and b.unit = g.unit`,
    [shop.shopId],
  );
  await sql(
    `insert into inbox (shop_id, webhook_id, topic, state, problem)
     values ($1, $2, 'orders/paid', 'parked', 'test')`,
    [shop.shopId, randomUUID()],
  );
  const [delivery] = await sql<{ id: string }>(
    `select id::text as id from inbox where shop_id = $1 and state = 'parked'`,
    [shop.shopId],
  );
  await sql('update member set referral_code = $2 where id = $1', [memberId, randomBytes(4).toString('hex')]);
  await sql('delete from consent_key where shop_id = $1 and length(sealed_key) = 1', [shop.shopId]);
  await sql(
    `update campaign set content = (select content from campaign where shop_id = $1 and content <> '{}' limit 1)
     where shop_id = $1 and content = '{}'`,
    [shop.shopId],
  );
  await sql('update shop_image set hash = $2 where shop_id = $1', [shop.shopId, randomBytes(32).toString('hex')]);
  return { deliveryId: delivery?.id ?? '', spareClientId };
}

/** A guest's sale: its number, and the code on its receipt. */
async function sellToGuest(shop: TestShop): Promise<{ orderId: string; receiptCode: string }> {
  const order = orderBody();
  await deliver(shop, 'orders/paid', order);
  await drain(shop);
  const orderId = String(order['id']);
  return { orderId, receiptCode: (await claimCodeOfOrder(shop.shopId, orderId, new Date()))?.code ?? '' };
}

type Told = Record<string, unknown>;

async function post(url: string, authorization: string, body: unknown): Promise<Told> {
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const answer = await call({ url, headers, body: JSON.stringify(body) });
  const text = answer.body.toString('utf8');
  if (answer.status >= 300) throw new Error(`${url}: ${answer.status} ${text}`);
  const told: unknown = JSON.parse(text);
  return typeof told === 'object' && told !== null ? { ...told } : {};
}

/** What its tills did: a sale and an event, each by a name of the till's, a reward that is held, and stamps by hand. */
async function trade(
  { rig, url }: Place,
  { shop, accessToken, memberId }: { shop: TestShop; accessToken: string; memberId: string },
) {
  const names = {
    orderName: `order-${randomBytes(6).toString('hex')}`,
    eventKey: `event-${randomBytes(6).toString('hex')}`,
  };
  const line = { quantity: 1, price: '12.00' };
  const sale = { currency: 'USD', taxesIncluded: false, processedAt: new Date().toISOString(), lines: [line] };
  const api = (path: string, body: unknown) => post(`${url}/api/v1${path}`, `Bearer ${accessToken}`, body);
  await api('/orders', { externalId: names.orderName, memberId, ...sale });
  await api(`/members/${memberId}/events`, { kind: 'review', eventKey: names.eventKey });
  await api(`/members/${memberId}/stamps`, { count: 20, reference: 'start' });
  const { reservationId } = await api(`/members/${memberId}/reservations`, { rewardId: 'coffee' });
  const staff = await rig.shopify.mintSessionToken(shop.domain, { subject: '1' });
  const given = { memberId, unit: 'stamps', amount: 1, idempotencyKey: randomUUID(), locationId: '1' };
  const { entryId } = await post(`${url}/pos/v1/stamps`, `Bearer ${staff}`, given);
  return { ...names, reservationId: String(reservationId), entryId: String(entryId) };
}

/** What people asked for: a copy of their data, which is ready, and something that is certified. */
async function answerPeople({ rig }: Place, shop: TestShop, memberId: MemberId) {
  const { shopId } = shop;
  const { caseId } = await openSubjectCase({ shopId, memberId, kind: 'access', origin: 'merchant', actor: 'staff:1' });
  await processCase({ shopId, caseId });
  const [certified] = await rig.system.sql<{ id: string }>(
    `update erasure_case set certificate = '{}' where shop_id = $1 and origin = 'test' returning id`,
    [shopId],
  );
  return { caseId, certifiedId: certified?.id ?? '' };
}

async function storedIds({ rig }: Place, shop: TestShop, memberId: string): Promise<Record<Column, string>> {
  const found: Partial<Record<string, string>> = {};
  for (const [name, place] of Object.entries(columns)) {
    const [table = '', column = ''] = place.split('.');
    const ofMember = ['pass', 'mail_request'].includes(table);
    const [row] = await rig.system.sql<{ id: string | null }>(
      `select ${column}::text as id from ${table} where shop_id = $1 ${ofMember ? 'and member_id = $2' : 'and $2 <> $1'} limit 1`,
      [shop.shopId, memberId],
    );
    found[name] = row?.id ?? '';
  }
  return found as Record<Column, string>;
}

/** A shop with people of every role, a row in every table, and an API client. */
export async function openSide(place: Place): Promise<Side> {
  const { rig, url } = place;
  const { shop, params } = await openStaffedShop(rig);
  const { memberId, customerId } = await fillShop(rig.system, shop);
  const planted = await plant(place, shop, memberId);
  const client = await openClient(url, shop);
  const traded = await trade(place, { shop, accessToken: client.accessToken, memberId });
  const sold = await sellToGuest(shop);
  const stored = await storedIds(place, shop, memberId);
  const { keys, sign } = await signerOf(shop);
  const [staff] = await rig.system.sql<{ id: string }>(
    `select id from shop_staff where shop_id = $1 and user_id = '5'`,
    [shop.shopId],
  );
  const [member] = await rig.system.sql<{ code: string }>('select referral_code as code from member where id = $1', [
    memberId,
  ]);
  const ids: Ids = {
    ...stored,
    ...sold,
    ...traded,
    ...(await answerPeople(place, shop, memberId as MemberId)),
    deliveryId: planted.deliveryId,
    spareClientId: planted.spareClientId,
    memberId,
    customerId,
    programId: shop.programId,
    campaignId: params['campaignId'] ?? '',
    incidentId: params['incidentId'] ?? '',
    staffId: staff?.id ?? '',
    clientId: client.clientId,
    cardCode: await cardCodeOf(shop, memberId),
    inviteCode: member?.code ?? '',
    accessToken: client.accessToken,
    downloadGrant: sign('download', memberId),
  };
  const opened = passToken(keys, platformPassType(), ids.serial);
  return { shop, ids, clientSecret: client.secret, accessToken: client.accessToken, passToken: opened, sign };
}

const digits = (text: string) => text.replaceAll(/\d/g, () => String(Math.floor(Math.random() * 9) + 1));
const letters = (text: string) => randomBytes(text.length).toString('hex').slice(0, text.length);

/** The like of an id that exists nowhere: of the same form, so that nothing but its being nobody's is different. */
export function nowhereLike(id: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(id)) return `${id.slice(0, 14)}${randomUUID().slice(14)}`;
  // Numbers that are counted up are near each other: somebody's might be hit.
  if (/^\d+$/.test(id)) return id.length < 9 ? `9${digits('00000000')}` : digits(id);
  const kept = /^(swc_|order-|event-|[\w-]{0,4}\.)/.exec(id)?.[0] ?? '';
  return kept + letters(id.slice(kept.length));
}
