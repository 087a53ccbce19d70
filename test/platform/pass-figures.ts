/** Reads what a pass shows, the way a person looking at it would. */
import type { PassFile } from '#test/platform/phone.ts';

export type ShownField = { group: string; key: string; label: string; value: string };

const groups = ['headerFields', 'primaryFields', 'secondaryFields', 'auxiliaryFields', 'backFields'];

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Every field of the pass, front first. */
export function shownFields(passJson: PassFile): ShownField[] {
  const card = objectOf(passJson['storeCard']);
  return groups.flatMap((group) =>
    listOf(card[group]).map((field) => ({
      group,
      key: wordsOf(field['key']),
      label: wordsOf(field['label']),
      value: wordsOf(field['value']),
    })),
  );
}

/** How many stamps the card shows, or null when it is no stamp card. */
export function stampsOn(passJson: PassFile): number | null {
  const field = shownFields(passJson).find((candidate) => candidate.key === 'stamps');
  const [, collected] = /(\d+)/.exec(field?.value ?? '') ?? [];
  return collected === undefined ? null : Number(collected);
}

/** How many points the card shows, or null when it shows none. */
export function pointsOn(passJson: PassFile): number | null {
  const field = shownFields(passJson).find((candidate) => candidate.key.startsWith('points'));
  return field === undefined ? null : Number(field.value);
}

/** What stands under the card's barcode; empty where nothing does. */
export function codeTextOn(passJson: PassFile): string {
  return wordsOf(listOf(passJson['barcodes'])[0]?.['altText']);
}

/** What a till reads from the card's barcode. */
export function cardCodeOn(passJson: PassFile): string {
  const message = wordsOf(listOf(passJson['barcodes'])[0]?.['message']);
  if (message === '') throw new Error('the pass has no barcode');
  return message;
}
