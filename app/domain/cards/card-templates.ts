/** Looks to begin with: colours that can be read, and a stamp that goes with them. Texts stay the merchant's own. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';

export type CardTemplate = {
  key: string;
  name: string;
  look: Pick<CardDesign, 'backgroundColor' | 'foregroundColor' | 'labelColor' | 'stampShape'>;
};

function template(name: string, stampShape: CardDesign['stampShape'], colors: [string, string, string]): CardTemplate {
  const [backgroundColor, foregroundColor, labelColor] = colors;
  const key = name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return { key, name, look: { backgroundColor, foregroundColor, labelColor, stampShape } };
}

export const cardTemplates: readonly CardTemplate[] = [
  template('Forest', 'star', ['#0f4c43', '#ffffff', '#f4d9a0']),
  template('Coffee house', 'cup', ['#4b2e1e', '#ffffff', '#f7d9a0']),
  template('Bakery', 'heart', ['#fbf1e3', '#3d2314', '#8a3b12']),
  template('Flower shop', 'flower', ['#fdeef2', '#4a1228', '#a3174f']),
  template('Pet shop', 'paw', ['#12384f', '#ffffff', '#ffd08a']),
  template('Barber', 'scissors', ['#1b1b1f', '#ffffff', '#e6c88b']),
  template('Boutique', 'bag', ['#f4f1ec', '#22201d', '#6b4d2e']),
  template('Night', 'check', ['#101c3a', '#ffffff', '#9fd3ff']),
];

/** The template whose look a design has; null when it is one of its own. */
export function templateOf(design: CardTemplate['look']): CardTemplate | null {
  const isSame = ({ look }: CardTemplate) =>
    look.backgroundColor === design.backgroundColor &&
    look.foregroundColor === design.foregroundColor &&
    look.labelColor === design.labelColor &&
    look.stampShape === design.stampShape;
  return cardTemplates.find(isSame) ?? null;
}
