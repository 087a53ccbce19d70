import type { ShownEstimate } from '#app/contracts/shown-estimate.ts';
import type { StorefrontEnrollmentAnswer, StorefrontProgram, StorefrontStanding } from '#app/contracts/storefront.ts';

/**
 * Checks what the page relies on, by hand: the schemas of the contract would more than double the bundle.
 * An answer that fails is treated like no answer.
 */

type Fields = Record<string, unknown>;

export function isStorefrontProgram(value: unknown): value is StorefrontProgram {
  if (!isFields(value) || !isFields(value['consentWording'])) return false;
  const { program, marketing, version } = value['consentWording'];
  return (
    [value['programName'], value['unitLabel'], value['earnExample'], program, marketing, version].every(isText) &&
    typeof value['isLive'] === 'boolean' &&
    (value['member'] === null || isMember(value['member']))
  );
}

function isMember(value: unknown): value is NonNullable<StorefrontProgram['member']> {
  return isFields(value) && hasCardUrl(value) && isStanding('standing' in value ? value.standing : null);
}

function isStanding(value: unknown): value is StorefrontStanding {
  if (!isFields(value) || !Array.isArray(value['balances'])) return false;
  const { nextReward, tier } = value;
  const isNextReward = nextReward === null || (isFields(nextReward) && isText(nextReward['name']));
  return value['balances'].every(isBalance) && isNextReward && (tier === null || isText(tier));
}

function isBalance(value: unknown): boolean {
  return isFields(value) && isText(value['label']) && Number.isInteger(value['available']);
}

export function isShownEstimate(value: unknown): value is ShownEstimate {
  return isFields(value) && Array.isArray(value['amounts']) && value['amounts'].every(isAmount);
}

function isAmount(value: unknown): boolean {
  return isFields(value) && isText(value['label']) && Number.isInteger(value['amount']);
}

/** Only an address people may safely open counts. */
export function hasCardUrl(value: unknown): value is StorefrontEnrollmentAnswer {
  return isFields(value) && isText(value['cardUrl']) && /^https?:\/\//.test(value['cardUrl']);
}

/** The stable code of a refusal, or `unknown`. */
export function problemCode(value: unknown): string {
  return isFields(value) && isText(value['code']) ? value['code'] : 'unknown';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
