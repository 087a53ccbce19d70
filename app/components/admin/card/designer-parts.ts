import type { CardDesign } from '#app/domain/cards/card-design.ts';

/** What every part of the designer gets. `problems` are those that are shown by now, by path. */
export type PartProps = {
  design: CardDesign;
  problems: Record<string, string>;
  onChange: (design: CardDesign) => void;
};

/** The designer's tabs and the parts of a design that each is about. */
export const designerParts = [
  { key: 'look', label: 'Look', paths: ['backgroundColor', 'foregroundColor', 'labelColor', 'stampShape', 'logoImage', 'stripImage'] }, // prettier-ignore
  { key: 'texts', label: 'Texts', paths: ['organizationName', 'logoText', 'terms', 'translations'] },
  { key: 'fields', label: 'Fields and links', paths: ['fields', 'links'] },
  { key: 'places', label: 'Places', paths: ['places'] },
  { key: 'extras', label: 'Privacy and extras', paths: ['privacy', 'poster', 'googleBarcode'] },
] as const;

export type DesignerPart = (typeof designerParts)[number]['key'];

/** The part that a problem belongs to. */
export function partOfProblem(path: string): DesignerPart {
  const [head] = path.split('.');
  return designerParts.find(({ paths }) => paths.some((one) => one === head))?.key ?? 'look';
}

/** An id that no other of the list has; ids are never shown. */
export function freeId(kind: string, taken: readonly { id: string }[]): string {
  const ids = new Set(taken.map(({ id }) => id));
  let number = taken.length + 1;
  while (ids.has(`${kind}-${number}`)) number += 1;
  return `${kind}-${number}`;
}

/** The list with one of its items changed. */
export function withItem<Item>(list: readonly Item[], index: number, item: Item): Item[] {
  return list.map((one, at) => (at === index ? item : one));
}

/** The list with one of its items moved up or down. */
export function withMoved<Item>(list: readonly Item[], index: number, by: -1 | 1): Item[] {
  const item = list[index];
  if (item === undefined) return [...list];
  return list.toSpliced(index, 1).toSpliced(index + by, 0, item);
}
