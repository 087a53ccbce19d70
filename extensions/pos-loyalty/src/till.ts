import { useRef, useState } from 'preact/hooks';
import type { PosMember, PosProblemCode, PosRedemptionAnswer, PosReward } from '#app/contracts/pos.ts';
import { createIdempotencyKey } from './idempotency-key.ts';
import { createPosClient } from './pos-client.ts';
import type { Answer, TokenSource } from './pos-client.ts';

export type Translate = (key: string, replacements?: Record<string, string | number>) => string;

/** The till as the extension needs it, in our words. */
export interface Till {
  getToken: TokenSource;
  /** Where the till stands and who uses it, as it says itself. */
  place: () => { locationId: string; staffMemberId?: string; deviceId?: string };
  isSaleOpen: () => boolean;
  /** Lets the open sale earn on the card, and names the customer when Shopify knows them. */
  attachCard: (card: { code: string; shopifyCustomerId: string | null }) => Promise<void>;
  applyCode: (code: string) => Promise<void>;
  /** Answers false when the code has to be taken off by hand. */
  removeCode: (code: string) => Promise<boolean>;
  toast: (text: string) => void;
  translate: Translate;
}

export interface Notice {
  tone: 'warning' | 'critical';
  text: string;
  /** Present when the very same call may be made again. */
  retry: (() => Promise<void>) | null;
}

export interface TillState {
  member: PosMember | null;
  isBusy: boolean;
  /** True once the open sale carries the card. */
  isOnSale: boolean;
  notice: Notice | null;
}

export interface TillActions {
  find: (code: string) => Promise<void>;
  stamp: (given: { unit: string; label: string; amount: number }) => Promise<void>;
  redeem: (reward: PosReward) => Promise<void>;
  undo: () => Promise<void>;
  useForSale: () => Promise<void>;
  nextCard: () => void;
  fail: () => void;
}

const blank: TillState = { member: null, isBusy: false, isOnSale: false, notice: null };

/** Everything staff can do with one card, one call at a time. */
export function useTill(till: Till): { state: TillState; actions: TillActions } {
  const [state, setState] = useState<TillState>(blank);
  // State arrives a render later than a second tap may; this does not.
  const isBusy = useRef(false);
  const cardCode = useRef('');
  const codesOfReservations = useRef(new Map<string, string>());
  const client = createPosClient(till.getToken);
  const { translate } = till;
  const change = (part: Partial<TillState>): void => setState((current) => ({ ...current, ...part }));
  const warn = (text: string): void => change({ notice: { tone: 'warning', text, retry: null } });
  const fail = (): void => change({ notice: { tone: 'critical', text: translate('notice.unexpected'), retry: null } });

  async function attempt<Value>(
    call: () => Promise<Answer<Value>>,
    finish: (value: Value) => void | Promise<void>,
  ): Promise<void> {
    if (isBusy.current) return;
    isBusy.current = true;
    change({ isBusy: true, notice: null });
    try {
      const answer = await call();
      if (answer.kind === 'ok') await finish(answer.value);
      // The call keeps its idempotency key, so trying again cannot count twice.
      else change({ notice: noticeFor(answer, translate, () => attempt(call, finish)) });
    } catch {
      fail();
    } finally {
      isBusy.current = false;
      change({ isBusy: false });
    }
  }

  async function attach(member: PosMember): Promise<void> {
    await till.attachCard({ code: cardCode.current, shopifyCustomerId: member.shopifyCustomerId });
    change({ isOnSale: true });
  }

  async function find(code: string): Promise<void> {
    await attempt(
      () => client.findMember(code),
      async ({ member }) => {
        cardCode.current = code;
        change({ member, isOnSale: false });
        // Without an open sale the card would stick to the next shopper's.
        if (till.isSaleOpen() && member.status === 'active') await attach(member);
      },
    );
  }

  async function stamp({ unit, label, amount }: { unit: string; label: string; amount: number }): Promise<void> {
    if (state.member === null) return;
    const body = { memberId: state.member.memberId, unit, amount, ...till.place(), idempotencyKey: createIdempotencyKey() };
    await attempt(
      () => client.stamp(body),
      ({ member }) => {
        change({ member });
        till.toast(translate('toast.stamped', { amount, label }));
      },
    );
  }

  async function finishRedemption(answer: PosRedemptionAnswer): Promise<void> {
    const { member, discountCode, reservationId } = answer;
    change({ member });
    if (discountCode === null) {
      till.toast(translate('toast.handOver'));
      return;
    }
    codesOfReservations.current.set(reservationId, discountCode);
    try {
      // The code is bound to the customer, so the sale has to know them first.
      await attach(member);
      await till.applyCode(discountCode);
      till.toast(translate('toast.redeemed'));
    } catch {
      warn(translate('notice.enterCode', { code: discountCode }));
    }
  }

  async function redeem(reward: PosReward): Promise<void> {
    if (state.member === null) return;
    const { memberId } = state.member;
    const body = { memberId, rewardId: reward.rewardId, ...till.place(), idempotencyKey: createIdempotencyKey() };
    await attempt(() => client.redeem(body), finishRedemption);
  }

  async function undo(): Promise<void> {
    const undoable = state.member?.lastEntry ?? null;
    if (undoable === null) return;
    const target = undoable.kind === 'entry' ? { entryId: undoable.id } : { reservationId: undoable.id };
    const body = { ...target, ...till.place(), idempotencyKey: createIdempotencyKey() };
    await attempt(
      () => client.undo(body),
      async ({ member }) => {
        change({ member });
        till.toast(translate('toast.undone'));
        const code = codesOfReservations.current.get(undoable.id);
        if (code === undefined) return;
        if (!(await till.removeCode(code))) warn(translate('notice.removeCode', { code }));
      },
    );
  }

  async function useForSale(): Promise<void> {
    if (state.member !== null) await attach(state.member);
  }

  function nextCard(): void {
    cardCode.current = '';
    change({ member: null, isOnSale: false, notice: null });
  }

  return { state, actions: { find, stamp, redeem, undo, useForSale, nextCard, fail } };
}

const refusalKeys: Record<PosProblemCode, string> = {
  'member-not-found': 'refused.memberNotFound',
  'card-frozen': 'refused.cardFrozen',
  'insufficient-balance': 'refused.insufficientBalance',
  'reward-unavailable': 'refused.rewardUnavailable',
  'stamp-limit-reached': 'refused.stampLimitReached',
  'undo-too-late': 'refused.undoTooLate',
  'already-undone': 'refused.alreadyUndone',
};

function noticeFor(
  answer: Exclude<Answer<unknown>, { kind: 'ok' }>,
  translate: Translate,
  retry: () => Promise<void>,
): Notice {
  if (answer.kind === 'unreachable') return { tone: 'critical', text: translate('notice.unreachable'), retry };
  if (answer.kind === 'no-permission') return { tone: 'critical', text: translate('notice.noPermission'), retry: null };
  const key = isKnownRefusal(answer.code) ? refusalKeys[answer.code] : 'refused.other';
  return { tone: 'warning', text: translate(key), retry: null };
}

function isKnownRefusal(code: string): code is PosProblemCode {
  return Object.hasOwn(refusalKeys, code);
}
