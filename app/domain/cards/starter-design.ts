/** The card a shop starts with: its own name on a deep green that white can be read on. */
import { type CardDesign, plainDesignExtras } from '#app/domain/cards/card-design.ts';

/** Same name, same design. */
export function starterDesign(shopName: string): CardDesign {
  return {
    organizationName: shopName.trim().slice(0, 40) || 'Our shop',
    logoText: shopName.trim().slice(0, 24),
    backgroundColor: '#0f4c43',
    foregroundColor: '#ffffff',
    labelColor: '#f4d9a0',
    stampShape: 'star',
    terms: '',
    logoImage: null,
    ...plainDesignExtras,
  };
}
