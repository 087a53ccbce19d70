import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** A member who is on the way: enough stamps to see the card work, not yet a reward. */
export function sampleContent(document: ProgramDocument, design: CardDesign): PassContent {
  return buildPassContent({
    programName: document.name,
    design,
    units: document.units,
    balances: document.units.map((unit) => ({
      unit: unit.id,
      balance: unit.kind === 'stamp' ? Math.ceil(unit.stampsNeeded * 0.6) : 80,
      held: 0,
    })),
    rewards: document.rewards,
    memberName: 'Alex Sample',
    locale: 'en',
    cardUrl: '',
    barcodeValue: '',
    isVoid: false,
  });
}
