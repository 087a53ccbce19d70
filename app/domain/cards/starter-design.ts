/** The card a shop starts with: its own name on a deep green that white can be read on. */
import { type CardDesign, plainDesignExtras } from '#app/domain/cards/card-design.ts';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';
import { wholeWords } from '#app/domain/whole-words.ts';

/** Same name, same design. */
export function starterDesign(shopName: string): CardDesign {
  return {
    organizationName: wholeWords(shopName, limits.organizationNameMax) || 'Our shop',
    logoText: wholeWords(shopName, limits.logoTextMax),
    backgroundColor: '#0f4c43',
    foregroundColor: '#ffffff',
    labelColor: '#f4d9a0',
    stampShape: 'star',
    terms: '',
    logoImage: null,
    ...plainDesignExtras,
  };
}
