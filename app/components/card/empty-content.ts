import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** The card of somebody who is about to join: nothing collected yet. */
export function emptyContent(document: ProgramDocument, design: CardDesign, locale: string): PassContent {
  return buildPassContent({
    programName: document.name,
    design,
    units: document.units,
    balances: [],
    rewards: document.rewards,
    memberName: null,
    locale,
    cardUrl: '',
    barcodeValue: '',
    isVoid: false,
    isFrozen: false,
  });
}
