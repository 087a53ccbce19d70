/**
 * How long after its webhook was answered an order is on the phone, at 50 orders a second: real web and worker processes,
 * stand-ins for Shopify and APNs, phones that fetch over TLS. There is no baseline; the phone's owner is the measure.
 */
import { createHmac, randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { passToken, listPasses } from '#app/data/cards/passes.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { type InstalledPass, type LightPhone, registerLightPhone } from '#test/load/light-phone.ts';
import { coffeeOrder, thinText } from '#test/load/shop-orders.ts';
import { type BenchResult, median, openBenchDatabase, percentile, rounded } from '#test/load/support.ts';
import { startApns } from '#test/platform/apns.ts';
import { ensureCertificates, readCertificates, testPassTypeIdentifier } from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { call } from '#test/platform/http.ts';
import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { startSystem, type System } from '#test/platform/system.ts';

const ordersPerSecond = 50;
const shopDomain = 'order-to-phone.myshopify.com';
const arrivalTimeoutMs = 15_000;

type Member = {
  customerId: number;
  pass: InstalledPass;
  phone: LightPhone | undefined;
  /** Points the card will show once every order sent so far is on it. */
  expected: number;
  waiting: { expected: number; answeredAt: number }[];
};

type Measured = { latenciesMs: number[]; webhookMs: number[]; problems: string[] };

async function enroll(shop: AddedShop, customerId: number): Promise<Member> {
  const shopId = shop.shopId as ShopId;
  const { memberId } = await enrollMember({
    shopId,
    programId: shop.programId,
    via: 'link',
    profile: { email: `shopper-${customerId}@example.com` },
    shopifyCustomerId: String(customerId),
    locale: 'en',
    consents: [{ purpose: 'program', channel: 'wallet', granted: true }],
    wordingVersion: '1',
    source: 'bench',
  });
  return withShop(shopId, async (tx) => {
    const [pass] = await listPasses(tx, [memberId]);
    if (pass === undefined) throw new Error('a member has no pass');
    const token = passToken(await readShopKeys(tx), testPassTypeIdentifier, pass.serial);
    return {
      customerId,
      pass: { serial: pass.serial, passTypeIdentifier: testPassTypeIdentifier, token },
      phone: undefined,
      expected: 0,
      waiting: [],
    };
  });
}

/** Every order of the bench is worth as much: its lines' whole dollars. */
function pointsOfOne(): number {
  const { snapshot } = JSON.parse(thinText(coffeeOrder(1))) as {
    snapshot: { lines: { grossMinor: number; discountMinor: number }[] };
  };
  return Math.floor(snapshot.lines.reduce((minor, line) => minor + line.grossMinor - line.discountMinor, 0) / 100);
}

function noteHeld(member: Member, points: number, measured: Measured): void {
  const now = performance.now();
  while (member.waiting[0] !== undefined && member.waiting[0].expected <= points) {
    const order = member.waiting.shift();
    if (order !== undefined) measured.latenciesMs.push(Math.max(0, now - order.answeredAt));
  }
}

/** One order, signed and sent as Shopify does. It is noted before it is sent: a phone may be faster than our own turn. */
async function sendOrder(system: System, member: Member, points: number, measured: Measured): Promise<void> {
  const body = JSON.stringify(coffeeOrder(member.customerId));
  const secret = (system.environment['SHOPIFY_API_SECRET'] ?? '').split(',')[0] ?? '';
  member.expected += points;
  const order = { expected: member.expected, answeredAt: Number.POSITIVE_INFINITY };
  member.waiting.push(order);
  const answer = await call({
    url: `${system.addresses.app}/webhooks/shopify`,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/paid',
      'x-shopify-shop-domain': shopDomain,
      'x-shopify-webhook-id': randomUUID(),
      'x-shopify-event-id': randomUUID(),
      'x-shopify-triggered-at': new Date().toISOString(),
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    },
    body,
  });
  order.answeredAt = performance.now();
  measured.webhookMs.push(answer.durationMs);
  if (answer.status !== 200) measured.problems.push(`a webhook was answered with ${answer.status}`);
}

/** A steady stream, member after member; resolves when everything has arrived. */
async function stream(system: System, members: Member[], durationMs: number, measured: Measured): Promise<void> {
  const points = pointsOfOne();
  const total = Math.floor((durationMs * ordersPerSecond) / 1000);
  const startedAt = performance.now();
  const sending: Promise<void>[] = [];
  for (let sent = 0; sent < total; sent += 1) {
    await delay(Math.max(0, startedAt + (sent * 1000) / ordersPerSecond - performance.now()));
    const member = members[sent % members.length];
    if (member !== undefined) sending.push(sendOrder(system, member, points, measured));
  }
  await Promise.all(sending);
  const deadline = performance.now() + arrivalTimeoutMs;
  const left = (): number => members.reduce((count, member) => count + member.waiting.length, 0);
  while (left() > 0 && performance.now() < deadline) await delay(20);
  if (left() > 0) measured.problems.push(`${left()} orders never reached a phone`);
}

async function installPhones(system: System, count: number, measured: () => Measured): Promise<Member[]> {
  const shop = await system.addShop(shopDomain);
  const members: Member[] = [];
  for (let index = 1; index <= count; index += 1) {
    const member = await enroll(shop, 5_000_000 + index);
    member.phone = await registerLightPhone(member.pass, {
      serviceUrl: `${system.addresses.wallet}/wallet/apple`,
      rootPem: system.certificates.root,
      onHeld: (points) => noteHeld(member, points, measured()),
      onProblem: (problem) => measured().problems.push(problem),
    });
    members.push(member);
  }
  return members;
}

async function run(system: System, phones: Map<string, () => void>, isQuick: boolean): Promise<BenchResult> {
  const [count, rounds, roundMs] = isQuick ? [100, 1, 10_000] : [200, 3, 20_000];
  let current: Measured = { latenciesMs: [], webhookMs: [], problems: [] };
  const members = await installPhones(system, count, () => current);
  for (const { phone } of members) if (phone !== undefined) phones.set(phone.pushToken, phone.wake);
  console.log(`${count} phones, ${ordersPerSecond} orders/s for ${roundMs / 1000} s a round`);
  const figures: { p50: number; p99: number; webhookP99: number }[] = [];
  // The first is unmeasured: code is compiled, connections are open.
  for (let round = 0; round <= rounds; round += 1) {
    current = { latenciesMs: [], webhookMs: [], problems: [] };
    await stream(system, members, round === 0 ? 3_000 : roundMs, current);
    if (current.problems.length > 0) throw new Error(`${current.problems.length} problems: ${current.problems[0]}`);
    if (round === 0) continue;
    figures.push({
      p50: percentile(current.latenciesMs, 0.5),
      p99: percentile(current.latenciesMs, 0.99),
      webhookP99: percentile(current.webhookMs, 0.99),
    });
    console.log(
      `round ${round}: ${current.latenciesMs.length} orders, p50 ${rounded(figures.at(-1)?.p50 ?? 0)} ms, p99 ${rounded(figures.at(-1)?.p99 ?? 0)} ms`,
    );
  }
  return {
    bench: 'order-to-phone',
    ratio: null,
    ratios: {},
    rounds,
    ordersPerSecond,
    phones: count,
    orders: rounds * Math.floor((roundMs * ordersPerSecond) / 1000),
    p50Ms: rounded(median(figures.map(({ p50 }) => p50))),
    p99Ms: rounded(median(figures.map(({ p99 }) => p99))),
    webhookP99Ms: rounded(median(figures.map(({ webhookP99 }) => webhookP99)), 1),
    passesVerified: members.reduce((sum, { phone }) => sum + (phone?.verified() ?? 0), 0),
  };
}

/** Runs the bench. Fails when an order never arrives or anything is answered wrongly. */
export async function benchOrderToPhone({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const database = await openBenchDatabase();
  const certificates = await readCertificates(await ensureCertificates(path.join(dataDirectory(), 'certificates')));
  const phones = new Map<string, () => void>();
  const apns = await startApns({ certificates, onPush: ({ pushToken }) => phones.get(pushToken)?.() });
  try {
    const system = await startSystem({
      databaseUrl: database.url,
      environment: { APNS_URL: apns.url },
      onLine: (name, line) => console.error(`${name}: ${line}`),
    });
    // Members are enrolled by the product's own flow, in this process, with the system's keys.
    Object.assign(process.env, system.environment);
    const own = await openSystem({ databaseUrl: database.url, role: 'stampwell_web', connectionsMax: 4 });
    try {
      return await run(system, phones, isQuick);
    } finally {
      await own.close();
      await system.stop();
    }
  } finally {
    await apns.close();
    await database.close();
  }
}
