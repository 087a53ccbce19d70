/** Cards of people who do not exist, for previews and for trying a design before anybody carries it. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import {
  buildPassContent,
  type CardNews,
  type PassContent,
  type TierStanding,
} from '#app/domain/cards/pass-content.ts';
import { languages, type Language } from '#app/domain/members/languages.ts';
import type { ProgramDocument, Unit } from '#app/domain/programs/program.ts';

/** Which card is shown. */
export type SampleCard = {
  language: Language;
  /** How full: 0 is a new card, 1 is one that has just earned its reward. */
  share: number;
  memberName: string;
  isVoid: boolean;
  cardUrl: string;
  barcodeValue: string;
  /** A message of the shop; absent means none. */
  news?: CardNews;
  /** What cards of this system are marked with; absent or null in production. */
  systemMark?: string | null;
};

export const sampleName = 'Alex Sample';

/** Somebody who is on the way: enough stamps to see the card work, not yet a reward. */
export const plainSample: SampleCard = {
  language: 'en',
  share: 0.6,
  memberName: sampleName,
  isVoid: false,
  cardUrl: '',
  barcodeValue: '',
};

const pointsWithoutReward = 80;

/** The card of a sample member, built like everybody's. Same input, same content. */
export function sampleContent(document: ProgramDocument, design: CardDesign, sample: SampleCard): PassContent {
  return buildPassContent({
    programName: document.name,
    design,
    units: document.units,
    balances: document.units.map((unit) => ({
      unit: unit.id,
      balance: sampleBalance(document, unit, sample.share),
      held: 0,
    })),
    rewards: document.rewards,
    tier: sampleTier(document, sample.share),
    memberName: sample.memberName,
    locale: sample.language,
    cardUrl: sample.cardUrl,
    barcodeValue: sample.barcodeValue,
    isVoid: sample.isVoid,
    news: sample.news ?? null,
    systemMark: sample.systemMark ?? null,
  });
}

/** Stamps up to a whole card; points up to the dearest reward they buy. Rounded up, so that a share above zero shows. */
function sampleBalance({ rewards }: ProgramDocument, unit: Unit, share: number): number {
  if (unit.kind === 'stamp') return Math.ceil(unit.stampsNeeded * share);
  const costs = rewards.filter((reward) => reward.unit === unit.id).map(({ cost }) => cost);
  return Math.ceil(Math.max(pointsWithoutReward, ...costs) * share);
}

/** The fuller the card, the higher the tier. The way to the next one is in money or orders, of which a sample has none. */
function sampleTier({ tiers }: ProgramDocument, share: number): TierStanding | null {
  if (tiers === null) return null;
  const { levels, qualifiesBy } = tiers;
  return { name: levels[Math.ceil(levels.length * share) - 1]?.name ?? null, next: null, qualifiesBy, currency: '' };
}

/** The longest a name may be, with letters of three bytes, quotes and a script that runs the other way. */
const hardName = `محمد "Ōkami" 東京 ${'Maximiliane-Wilhelmine '.repeat(3)}🎉`;

/** What every design has to stand before a card may carry it: each language, and a card that is new, begun, full and void. */
export function trialCards(links: { cardUrl: string; barcodeValue: string }): { name: string; card: SampleCard }[] {
  const states = [
    { name: 'new card', share: 0, memberName: sampleName, isVoid: false },
    { name: 'card in use', share: 0.4, memberName: hardName, isVoid: false },
    { name: 'full card', share: 1, memberName: sampleName, isVoid: false },
    { name: 'void card', share: 0.4, memberName: sampleName, isVoid: true },
  ];
  return languages.flatMap((language) =>
    states.map(({ name, ...state }) => ({ name: `${name} in ${language}`, card: { ...state, ...links, language } })),
  );
}
