import type {
  PosMember,
  PosPreview,
  PosProblemCode,
  PosRedemption,
  PosRedemptionAnswer,
  PosReward,
} from '#app/contracts/pos.ts';
import type { ShownCart } from '#app/contracts/shown-estimate.ts';
import { createIdempotencyKey } from './idempotency-key.ts';
import { createPosClient } from './pos-client.ts';
import type { Answer, PosClient } from './pos-client.ts';
import type { Till, Translate } from './till.ts';

export interface Notice {
  tone: 'warning' | 'critical';
  text: string;
  /** Present when the very same call may be made again. */
  retry: (() => Promise<void>) | null;
}

export interface DeskState {
  member: PosMember | null;
  isBusy: boolean;
  /** True once the open sale carries the card. */
  isOnSale: boolean;
  notice: Notice | null;
  /** What the open sale would earn, and what may be redeemed here; null until it is known. */
  preview: PosPreview | null;
  /** A redemption that a manager has to approve; null when none waits. */
  waiting: PosRedemption | null;
}

/** One reading of the scanner. A second scan of the same card is a new object. */
export interface Scan {
  data?: string;
  source?: string;
}

/** What staff is doing with one card: one call at a time, and every change told to one listener. */
export interface Desk {
  till: Till;
  client: PosClient;
  state: DeskState;
  /** The scan that was looked up last, so that a redraw does not look it up again. */
  handledScan: Scan | null;
  cardCode: string;
  codesOfReservations: Map<string, string>;
  listener: (state: DeskState) => void;
}

export function openDesk(till: Till): Desk {
  return {
    till,
    client: createPosClient(till),
    state: { member: null, isBusy: false, isOnSale: false, notice: null, preview: null, waiting: null },
    handledScan: null,
    cardCode: '',
    codesOfReservations: new Map(),
    listener: () => undefined,
  };
}

/** Tells `listener` every new state until the returned function is called. */
export function watchDesk(desk: Desk, listener: (state: DeskState) => void): () => void {
  desk.listener = listener;
  return () => {
    desk.listener = () => undefined;
  };
}

/** Looks up what was scanned, once. A scan during a call is looked up when the call has ended. */
export async function handleScan(desk: Desk, scan: Scan): Promise<void> {
  const { data } = scan;
  if (data === undefined || data === '' || desk.state.isBusy || desk.handledScan === scan) return;
  desk.handledScan = scan;
  if (scan.source === 'camera') desk.till.hideCamera();
  await findMember(desk, data);
}

/** Finds the member behind a scanned code, and lets the open sale earn on the card. */
async function findMember(desk: Desk, code: string): Promise<void> {
  await attempt(
    desk,
    () => desk.client.findMember(code),
    async ({ member }) => {
      desk.cardCode = code;
      change(desk, { member, isOnSale: false, preview: null, waiting: null });
      // Without an open sale the card would stick to the next shopper's.
      if (desk.till.isSaleOpen() && member.status === 'active') await attachToSale(desk);
    },
  );
}

/**
 * Asks what the open sale would earn the member in hand. A till that gets no answer shows none: the sale earns all the same.
 * Never throws.
 */
export async function previewSale(desk: Desk, cart: ShownCart | null): Promise<void> {
  const memberId = desk.state.member?.memberId;
  if (memberId === undefined || cart === null) return change(desk, { preview: null });
  const answer = await desk.client.preview({ memberId, cart, ...desk.till.place() });
  // Another card may have come meanwhile.
  if (desk.state.member?.memberId !== memberId) return;
  change(desk, { preview: answer.kind === 'ok' ? answer.value : null });
}

/** Lets the sale earn on the card in hand. Repeating it changes nothing. */
export async function attachToSale(desk: Desk): Promise<void> {
  const { member } = desk.state;
  if (member === null) return;
  await desk.till.attachCard({ code: desk.cardCode, shopifyCustomerId: member.shopifyCustomerId });
  change(desk, { isOnSale: true });
}

export async function giveStamps(desk: Desk, given: { unit: string; label: string; amount: number }): Promise<void> {
  if (desk.state.member === null) return;
  const { unit, label, amount } = given;
  const { till } = desk;
  const stamp = { memberId: desk.state.member.memberId, unit, amount, ...actionFields(till) };
  await attempt(
    desk,
    () => desk.client.stamp(stamp),
    ({ member }) => {
      change(desk, { member });
      till.toast(till.translate('toast.stamped', { amount, label }));
    },
  );
}

export async function redeemReward(desk: Desk, { rewardId }: PosReward): Promise<void> {
  if (desk.state.member === null) return;
  await sendRedemption(desk, { memberId: desk.state.member.memberId, rewardId, ...actionFields(desk.till) });
}

/** A manager types their PIN for the redemption that waits. The same key: it counts once however often it is tried. */
export function approveWaiting(desk: Desk, number: number): void {
  desk.till.askPin(async (pin) => {
    const { waiting } = desk.state;
    if (waiting !== null) await sendRedemption(desk, { ...waiting, approval: { number, pin } });
    return desk.state.waiting === null ? null : (desk.state.notice?.text ?? '');
  });
}

/** Gives up the redemption that waits for a manager. */
export function giveUpWaiting(desk: Desk): void {
  change(desk, { waiting: null, notice: null });
}

async function sendRedemption(desk: Desk, redemption: PosRedemption): Promise<void> {
  const ask = async () => {
    const answer = await desk.client.redeem(redemption);
    const { approval: _approval, ...waiting } = redemption;
    if (answer.kind === 'refused' && answer.code === 'step_up_required') change(desk, { waiting });
    return answer;
  };
  await attempt(desk, ask, (answer) => putOnSale(desk, answer));
}

/** Takes back the newest thing this till did for the member. */
export async function undoLast(desk: Desk): Promise<void> {
  const undoable = desk.state.member?.lastEntry ?? null;
  if (undoable === null) return;
  const { till } = desk;
  const target = undoable.kind === 'entry' ? { entryId: undoable.id } : { reservationId: undoable.id };
  const undo = { ...target, ...actionFields(till) };
  await attempt(
    desk,
    () => desk.client.undo(undo),
    async ({ member }) => {
      change(desk, { member });
      till.toast(till.translate('toast.undone'));
      const code = desk.codesOfReservations.get(undoable.id);
      if (code === undefined || (await till.removeCode(code))) return;
      warn(desk, till.translate('notice.removeCode', { code }));
    },
  );
}

/** Puts the card away. */
export function nextCard(desk: Desk): void {
  desk.cardCode = '';
  change(desk, { member: null, isOnSale: false, notice: null, preview: null, waiting: null });
}

/** Says that something went wrong which nobody foresaw. Never throws. */
export function showUnexpected(desk: Desk): void {
  change(desk, { notice: { tone: 'critical', text: desk.till.translate('notice.unexpected'), retry: null } });
}

async function putOnSale(desk: Desk, { member, discountCode, reservationId }: PosRedemptionAnswer): Promise<void> {
  const { till } = desk;
  change(desk, { member, waiting: null });
  if (discountCode === null) {
    till.toast(till.translate('toast.handOver'));
    return;
  }
  desk.codesOfReservations.set(reservationId, discountCode);
  try {
    // The code is bound to the customer, so the sale has to know them first.
    await attachToSale(desk);
    await till.applyCode(discountCode);
    till.toast(till.translate('toast.redeemed'));
  } catch {
    warn(desk, till.translate('notice.enterCode', { code: discountCode }));
  }
}

async function attempt<Value>(
  desk: Desk,
  call: () => Promise<Answer<Value>>,
  finish: (value: Value) => void | Promise<void>,
): Promise<void> {
  if (desk.state.isBusy) return;
  change(desk, { isBusy: true, notice: null });
  try {
    const answer = await call();
    if (answer.kind === 'ok') await finish(answer.value);
    // The call keeps its idempotency key, so trying again cannot count twice.
    else change(desk, { notice: noticeFor(answer, desk.till.translate, () => attempt(desk, call, finish)) });
  } catch {
    showUnexpected(desk);
  } finally {
    change(desk, { isBusy: false });
  }
}

function actionFields(till: Till): ReturnType<Till['place']> & { idempotencyKey: string } {
  return { ...till.place(), idempotencyKey: createIdempotencyKey() };
}

function change(desk: Desk, part: Partial<DeskState>): void {
  desk.state = { ...desk.state, ...part };
  desk.listener(desk.state);
}

function warn(desk: Desk, text: string): void {
  change(desk, { notice: { tone: 'warning', text, retry: null } });
}

const refusalKeys: Record<PosProblemCode, string> = {
  'member-not-found': 'refused.memberNotFound',
  'card-frozen': 'refused.cardFrozen',
  'card-replaced': 'refused.cardReplaced',
  'insufficient-balance': 'refused.insufficientBalance',
  'reward-unavailable': 'refused.rewardUnavailable',
  'stamp-limit-reached': 'refused.stampLimitReached',
  'undo-too-late': 'refused.undoTooLate',
  'already-undone': 'refused.alreadyUndone',
  step_up_required: 'refused.approvalNeeded',
  step_up_failed: 'refused.approvalWrong',
  'pin-locked': 'refused.pinLocked',
  'not-at-this-till': 'refused.notAtThisTill',
  'redemptions-paused': 'refused.redemptionsPaused',
  'redemption-challenged': 'refused.redemptionChallenged',
};

type Failure = Exclude<Answer<unknown>, { kind: 'ok' }>;

function noticeFor(failure: Failure, translate: Translate, retry: () => Promise<void>): Notice {
  if (failure.kind === 'unreachable') return { tone: 'critical', text: translate('notice.unreachable'), retry };
  if (failure.kind === 'no-permission') {
    return { tone: 'critical', text: translate('notice.noPermission'), retry: null };
  }
  const key = isKnownRefusal(failure.code) ? refusalKeys[failure.code] : 'refused.other';
  return { tone: 'warning', text: translate(key), retry: null };
}

function isKnownRefusal(code: string): code is PosProblemCode {
  return Object.hasOwn(refusalKeys, code);
}
