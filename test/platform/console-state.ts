/** What the console page shows, as plain values. */
import { decimalOf } from '#test/platform/order-body.ts';
import { refundedMinor } from '#test/platform/orders.ts';
import { codeTextOn, shownFields, stampsOn } from '#test/platform/pass-figures.ts';
import type { ShownField } from '#test/platform/pass-figures.ts';
import type { Phone, PhoneEvent, PhonePass } from '#test/platform/phone.ts';
import type { Product, Shop } from '#test/platform/shopify-shops.ts';
import type { TillAction, TillOrder } from '#test/platform/till.ts';

type TimelineStep = { label: string; detail: string; atMs: number; isGood: boolean };

type ShownOrder = {
  orderId: number;
  name: string;
  channel: string;
  items: string;
  total: string;
  status: string;
  isCancelled: boolean;
  isOpen: boolean;
  actions: { kind: string; at: string; steps: TimelineStep[]; phoneMs: number | null; isWaiting: boolean }[];
};

type ShownCard = {
  serialNumber: string;
  organizationName: string;
  logoText: string;
  colors: { background: string; foreground: string; label: string };
  fields: ShownField[];
  images: string[];
  versions: number;
  isVoid: boolean;
  /** What stands under its code. */
  codeText: string;
};

export type ConsoleState = {
  shop: { name: string; domain: string; currency: string; products: Product[] };
  links: {
    admin: string;
    join: string;
    pos: string;
    thankYou: string | null;
    orderStatus: string | null;
    card: string | null;
  };
  card: ShownCard | null;
  notices: { at: string; text: string }[];
  orders: ShownOrder[];
};

const ordersShown = 12;
const settleMs = 20_000;

function moneyOf(amountMinor: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(Number(decimalOf(amountMinor, currency)));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A pass as the wallet would draw it. */
function showCard(pass: PhonePass): ShownCard {
  const { passJson, files } = pass;
  return {
    serialNumber: pass.serialNumber,
    organizationName: textOf(passJson['organizationName']),
    logoText: textOf(passJson['logoText']),
    colors: {
      background: textOf(passJson['backgroundColor']),
      foreground: textOf(passJson['foregroundColor']),
      label: textOf(passJson['labelColor']),
    },
    fields: shownFields(passJson),
    images: [...files.keys()].filter((name) => name.endsWith('.png')),
    versions: pass.versions,
    isVoid: passJson['voided'] === true,
    codeText: codeTextOn(passJson),
  };
}

/** What the phone did because of an action: everything between it and the next one. */
function phoneSteps(events: PhoneEvent[], from: Date): TimelineStep[] {
  const labels: Partial<Record<PhoneEvent['kind'], string>> = {
    push: 'Push reached the phone',
    listed: 'Phone asked what changed',
    fetched: 'New card fetched',
    verified: 'Signature verified',
    unchanged: 'Card was up to date',
    failed: 'Phone could not fetch',
  };
  return events.flatMap((event) => {
    const label = labels[event.kind];
    if (label === undefined) return [];
    const took = event.durationMs > 0 ? `took ${event.durationMs.toFixed(event.durationMs < 10 ? 1 : 0)} ms` : '';
    const detail = [event.detail, took].filter((part) => part !== '').join(', ');
    return [{ label, detail, atMs: event.at.getTime() - from.getTime(), isGood: event.kind !== 'failed' }];
  });
}

function webhookSteps(action: TillAction): TimelineStep[] {
  return action.deliveries.flatMap((delivery) =>
    delivery.attempts.map((attempt) => ({
      label: `${delivery.topic} → ${attempt.status ?? 'no answer'}`,
      detail: `${(delivery.body.length / 1024).toFixed(1)} KB, answered in ${attempt.durationMs.toFixed(0)} ms`,
      atMs: attempt.at.getTime() + attempt.durationMs - action.at.getTime(),
      isGood: attempt.status === 200,
    })),
  );
}

function showAction(action: TillAction, untilMs: number, events: PhoneEvent[]): ShownOrder['actions'][number] {
  const startMs = action.at.getTime();
  const ours = events.filter(
    (event) => event.at.getTime() >= startMs && event.at.getTime() < Math.min(untilMs, startMs + settleMs),
  );
  const verified = ours.find((event) => event.kind === 'verified');
  const steps = [...webhookSteps(action), ...phoneSteps(ours, action.at)].map((step) => ({
    ...step,
    atMs: Math.max(0, Math.round(step.atMs)),
  }));
  return {
    kind: action.kind,
    at: action.at.toISOString(),
    steps: steps.toSorted((left, right) => left.atMs - right.atMs),
    phoneMs: verified === undefined ? null : verified.at.getTime() - startMs,
    isWaiting: verified === undefined && untilMs === Infinity && Date.now() - startMs < settleMs,
  };
}

function showOrder(order: TillOrder, allActions: TillAction[], events: PhoneEvent[]): ShownOrder {
  const { body } = order;
  const refunded = refundedMinor(body);
  const status = body.cancelled_at === null ? body.financial_status.replace('_', ' ') : 'cancelled';
  return {
    orderId: body.id,
    name: body.name,
    channel: body.source_name === 'pos' ? 'till' : 'online',
    items: body.line_items
      .map((line) => (line.quantity > 1 ? `${line.quantity} × ${line.title}` : line.title))
      .join(', '),
    total: body.total_price,
    status:
      refunded > 0 && status !== 'refunded' && status !== 'cancelled'
        ? `${moneyOf(refunded, body.currency)} refunded`
        : status,
    isCancelled: body.cancelled_at !== null,
    isOpen: body.cancelled_at === null && body.financial_status !== 'refunded',
    actions: order.actions.map((action) => {
      const next = allActions.find((candidate) => candidate.at > action.at);
      return showAction(action, next?.at.getTime() ?? Infinity, events);
    }),
  };
}

/** The notices a phone would show: the announcement of each new version but the first. */
export function noticeOf(pass: PhonePass): string {
  const field = shownFields(pass.passJson).find((candidate) => candidate.key === 'announcement');
  return field?.value ?? `${stampsOn(pass.passJson) ?? ''}`;
}

/** The whole page. */
export function buildState(options: {
  shop: Shop;
  links: ConsoleState['links'];
  phone: Phone;
  orders: TillOrder[];
  notices: ConsoleState['notices'];
}): ConsoleState {
  const { shop, phone } = options;
  const [pass] = phone.passes();
  const actions = options.orders
    .flatMap((order) => order.actions)
    .toSorted((left, right) => left.at.getTime() - right.at.getTime());
  const events = phone.history();
  return {
    shop: { name: shop.name, domain: shop.domain, currency: shop.currency, products: shop.products },
    links: options.links,
    card: pass === undefined ? null : showCard(pass),
    notices: options.notices,
    orders: options.orders.slice(0, ordersShown).map((order) => showOrder(order, actions, events)),
  };
}
