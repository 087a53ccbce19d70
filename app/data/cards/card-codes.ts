/** The code on a card: what a till scans, signed by the shop. */
import { cardCodeTag, parseCardCode } from '#app/domain/cards/card-code.ts';
import { equalBytes, sign, type ShopKeys } from '#app/lib/sealed-box.ts';

/** The purpose under which card codes are signed. */
export const cardCodePurpose = 'card-code';

/** The card id of a scanned code that this shop signed, or null. */
export function verifiedCardId(keys: ShopKeys, text: string): string | null {
  const code = parseCardCode(text);
  if (code === null) return null;
  const expected = cardCodeTag(sign(keys, cardCodePurpose, code.identity));
  return equalBytes(Buffer.from(expected), Buffer.from(code.tag)) ? code.cardId : null;
}
