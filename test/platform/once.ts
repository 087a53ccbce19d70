/** `npm run demo -- --once`: the whole path without a person. One JSON line a step; the last one says whether it held. */
import { randomBytes } from 'node:crypto';

import { openAdmin } from '#test/platform/admin-visit.ts';
import { cardCodeOn, pointsOn, stampsOn } from '#test/platform/pass-figures.ts';
import type { Phone, PhonePass } from '#test/platform/phone.ts';
import { applePassLink, joinProgram } from '#test/platform/shopper.ts';
import type { System } from '#test/platform/system.ts';
import { createTill } from '#test/platform/till.ts';
import type { TillOrder } from '#test/platform/till.ts';

const arrivalTimeoutMs = 30_000;
const settleMs = 1500;

type Report = (step: string, facts: Record<string, unknown>) => void;

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function figures(pass: PhonePass): { stamps: number | null; points: number | null } {
  return { stamps: stampsOn(pass.passJson), points: pointsOn(pass.passJson) };
}

function isSame(left: PhonePass, figuresBefore: { stamps: number | null; points: number | null }): boolean {
  const now = figures(left);
  return now.stamps === figuresBefore.stamps && now.points === figuresBefore.points;
}

function statusesOf(order: TillOrder): (number | null)[] {
  return (order.actions.at(-1)?.deliveries ?? []).map((delivery) => delivery.attempts.at(-1)?.status ?? null);
}

function webhookMs(order: TillOrder): number {
  const [first] = order.actions.at(-1)?.deliveries ?? [];
  return Math.round(first?.attempts.at(-1)?.durationMs ?? 0);
}

/** How long after a moment the phone first saw some kind of event. */
function sinceMs(phone: Phone, kind: 'push' | 'verified', since: Date): number {
  const event = phone.history().find((candidate) => candidate.kind === kind && candidate.at >= since);
  demand(event !== undefined, `the phone saw no ${kind}`);
  return event.at.getTime() - since.getTime();
}

async function install(system: System, domain: string, report: Report): Promise<{ programSlug: string }> {
  const opened = await openAdmin(system, domain);
  const { exchanges } = system.shopify.shop(domain).tokenCalls;
  demand(opened.status < 400, `the admin was answered with ${opened.status}`);
  demand(exchanges > 0, 'the session token was not exchanged');
  const added = await system.addShop(domain);
  report('installed', { shopDomain: domain, tokenExchanges: exchanges, programSlug: added.programSlug });
  return added;
}

async function addToWallet(system: System, phone: Phone, programSlug: string, report: Report): Promise<PhonePass> {
  const email = `shopper-${randomBytes(4).toString('hex')}@example.com`;
  const { cardUrl } = await joinProgram({ appUrl: system.addresses.app, programSlug, email });
  report('enrolled', { via: 'join page' });
  const pass = await phone.install(await applePassLink(cardUrl));
  report('added-to-wallet', { serialNumber: pass.serialNumber, isVerified: true, ...figures(pass) });
  return pass;
}

/** Runs the path against a running system. Rejects at the first thing that does not hold. */
export async function runOnce(system: System, report: Report): Promise<Record<string, number>> {
  const domain = `once-${randomBytes(4).toString('hex')}.myshopify.com`;
  const { programSlug } = await install(system, domain, report);
  const phone = system.createPhone();
  const installed = await addToWallet(system, phone, programSlug, report);
  const { serialNumber } = installed;
  const before = figures(installed);
  const till = createTill(system.shopify, domain);
  const [coffee] = system.shopify.shop(domain).products;
  demand(coffee !== undefined, 'the shop sells nothing');

  const lines = [
    {
      title: coffee.title,
      productId: coffee.productId,
      variantId: coffee.variantId,
      unitPriceMinor: coffee.priceMinor,
      quantity: 1,
    },
  ];
  const order = await till.buy({ channel: 'pos', currency: 'EUR', lines, cardCode: cardCodeOn(installed.passJson) });
  const orderedAt = order.actions[0]?.at ?? new Date();
  demand(
    statusesOf(order).every((status) => status === 200),
    `the order was answered with ${statusesOf(order).join()}`,
  );
  report('ordered', { orderId: String(order.body.id), status: 200, webhookMs: webhookMs(order) });
  const stamped = await phone.waitFor(serialNumber, (pass) => !isSame(pass, before), arrivalTimeoutMs);
  const after = figures(stamped);
  const measured = {
    orderToPushMs: sinceMs(phone, 'push', orderedAt),
    orderToPassMs: sinceMs(phone, 'verified', orderedAt),
  };
  report('stamped', { ...after, isVerified: true, ...measured });
  demand((after.stamps ?? after.points ?? 0) > (before.stamps ?? before.points ?? 0), 'the order earned nothing');

  await till.sendAgain(order.body.id);
  demand(statusesOf(order)[0] === 200, 'the duplicate was not answered with 200');
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  await phone.refresh();
  demand(
    phone.passes().every((pass) => isSame(pass, after)),
    'the duplicate changed the card',
  );
  report('duplicate-ignored', { status: 200, ...after });

  const refundedAt = new Date();
  await till.refundLine(order.body.id, order.body.line_items[0]?.id ?? 0, 1);
  demand(
    statusesOf(order).every((status) => status === 200),
    'the refund was not answered with 200',
  );
  const restored = await phone.waitFor(serialNumber, (pass) => isSame(pass, before), arrivalTimeoutMs);
  report('refunded', {
    ...figures(restored),
    isVerified: true,
    refundToPassMs: sinceMs(phone, 'verified', refundedAt),
  });
  await phone.remove(serialNumber);
  return measured;
}
