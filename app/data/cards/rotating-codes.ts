/** Codes that change every half minute, checked with the card's own key; each is good for one scan. */
import { createHmac } from 'node:crypto';

import type { Tx } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import {
  formatRotatingCode,
  numberOf,
  parseRotatingCode,
  rotatingKeyBytes,
  stepAt,
} from '#app/domain/cards/rotating-code.ts';
import { equalBytes, secretOf, type ShopKeys } from '#app/lib/sealed-box.ts';

/** The key that Google makes a card's numbers with. Derived, never stored. */
function rotatingKeyOf(keys: ShopKeys, cardId: string): Buffer {
  return secretOf(keys, { purpose: 'rotating-code', id: cardId, bytes: rotatingKeyBytes });
}

/** What a card's changing barcode is made with; null when its design has a fixed one. */
export function rotatingOf(
  keys: ShopKeys,
  card: { cardId: string; design: CardDesign },
): { cardId: string; key: Buffer } | null {
  const { cardId, design } = card;
  return design.googleBarcode === 'rotating' ? { cardId, key: rotatingKeyOf(keys, cardId) } : null;
}

/** The code of a card at an instant of the real clock, for a page that shows it now. */
export function currentCode(keys: ShopKeys, cardId: string, at: Date): string {
  return formatRotatingCode({ cardId, step: stepAt(at), number: numberFor(keys, { cardId, step: stepAt(at) }) });
}

function numberFor(keys: ShopKeys, { cardId, step }: ReadCode): string {
  const key = rotatingKeyOf(keys, cardId);
  return numberOf(step, (message) => createHmac('sha1', key).update(message).digest());
}

export type ReadCode = { cardId: string; step: number };

/** The card and half minute of a scanned code that this shop's key made, however old it is; null for anything else. */
export function readRotatingCode(keys: ShopKeys, text: string): ReadCode | null {
  const code = parseRotatingCode(text);
  if (code === null) return null;
  const expected = numberFor(keys, code);
  return equalBytes(Buffer.from(expected), Buffer.from(code.number)) ? { cardId: code.cardId, step: code.step } : null;
}

/** How far a phone's clock, and the hand that scans, may be behind or ahead. */
const stepsApartMax = 1;

/** Whether a code is of now. */
export function isCurrent({ step }: ReadCode, at: Date): boolean {
  return Math.abs(stepAt(at) - step) <= stepsApartMax;
}

/** Uses a half minute up. False when it, or a later one of this card, was used before. */
export async function spendStep(tx: Tx, { cardId, step }: ReadCode): Promise<boolean> {
  const rows = await tx.query(
    `insert into card_step (shop_id, card_id, step) values ($1, $2, $3)
     on conflict (shop_id, card_id) do update set step = excluded.step where card_step.step < excluded.step
     returning 1 as one`,
    [tx.shopId, cardId, step],
  );
  return rows.length === 1;
}

/** Removes the memory of half minutes that are refused anyway for their age. Answers how many rows, at most `limit`. */
export async function purgeSteps(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from card_step where shop_id = $1 and card_id in (
       select card_id from card_step where shop_id = $1 and step < $2 limit $3) returning 1 as one`,
    [tx.shopId, stepAt(before), limit],
  );
  return rows.length;
}
