import type {
  PosBalance,
  PosMember,
  PosMemberAnswer,
  PosPreview,
  PosRedemptionAnswer,
  PosReward,
  PosStampAnswer,
  PosUndoable,
} from '#app/contracts/pos.ts';

/**
 * Checks what the screen relies on, by hand: the schemas of the contract would more than double the bundle.
 * An answer that fails is treated like no answer.
 */

type Fields = Record<string, unknown>;

export function isMemberAnswer(value: unknown): value is PosMemberAnswer {
  return isFields(value) && isMember(value['member']);
}

export function isStampAnswer(value: unknown): value is PosStampAnswer {
  return isMemberAnswer(value) && isText('entryId' in value ? value.entryId : undefined);
}

export function isRedemptionAnswer(value: unknown): value is PosRedemptionAnswer {
  if (!isFields(value) || !isMember(value['member'])) return false;
  return isText(value['reservationId']) && isTextOrNull(value['discountCode']);
}

export function isPreviewAnswer(value: unknown): value is PosPreview {
  return isFields(value) && isListOf(value['amounts'], isAmount) && isListOf(value['rewards'], isRewardState);
}

function isAmount(value: unknown): value is PosPreview['amounts'][number] {
  return isFields(value) && isText(value['label']) && Number.isInteger(value['amount']);
}

function isRewardState(value: unknown): value is PosPreview['rewards'][number] {
  if (!isFields(value)) return false;
  return isText(value['rewardId']) && typeof value['isAvailable'] === 'boolean' && isTextOrNull(value['reason']);
}

/** The stable code of a refusal, or `unknown`. */
export function problemCode(value: unknown): string {
  return isFields(value) && typeof value['code'] === 'string' ? value['code'] : 'unknown';
}

function isMember(value: unknown): value is PosMember {
  if (!isFields(value)) return false;
  return (
    isText(value['memberId']) &&
    isTextOrNull(value['displayName']) &&
    (value['status'] === 'active' || value['status'] === 'frozen') &&
    isTextOrNull(value['shopifyCustomerId']) &&
    isListOf(value['balances'], isBalance) &&
    isListOf(value['rewards'], isReward) &&
    (value['lastEntry'] === null || isUndoable(value['lastEntry']))
  );
}

function isBalance(value: unknown): value is PosBalance {
  if (!isFields(value)) return false;
  return (
    isText(value['unit']) &&
    isText(value['label']) &&
    (value['kind'] === 'point' || value['kind'] === 'stamp') &&
    Number.isInteger(value['collected']) &&
    Number.isInteger(value['available']) &&
    (value['needed'] === null || Number.isInteger(value['needed']))
  );
}

function isReward(value: unknown): value is PosReward {
  if (!isFields(value)) return false;
  return (
    [value['rewardId'], value['name'], value['unit'], value['discountLabel']].every(isText) &&
    Number.isInteger(value['cost']) &&
    (value['costLabel'] === undefined || isText(value['costLabel'])) &&
    typeof value['affordable'] === 'boolean'
  );
}

function isUndoable(value: unknown): value is PosUndoable {
  if (!isFields(value)) return false;
  return (
    (value['kind'] === 'entry' || value['kind'] === 'reservation') && isText(value['id']) && isText(value['label'])
  );
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
