/** A shop, its program and members whose lives are known: what a simulation plays out. */
import * as fc from 'fast-check';

import { createShop, markInstalled } from '#app/data/shops/shops.ts';
import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { createProgram, insertRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { needsHistory } from '#app/domain/earning/history.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument, ProgramSettings } from '#app/domain/programs/program.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { type MemberId, newId, type ShopId } from '#app/lib/ids.ts';
import { makeMember, type TestShop } from '#test/support/factories.ts';
import { lifeArbitrary, type ToldLife } from '#test/support/histories/lives.ts';
import { meagreVersions, type Versions } from '#test/support/histories/programs.ts';
import { documentOf, witnessOf } from '#test/support/oracle/earning.ts';
import type { LifeEvent } from '#test/support/oracle/life.ts';
import { createRandom, type Random } from '#test/support/random.ts';
import { type Cast, joiningMs } from '#test/simulate/cast.ts';
import { castFolds } from '#test/simulate/folds.ts';
import { castOne } from '#test/simulate/owners.ts';

export type World = Cast & {
  shop: TestShop;
  rewardUnit: string;
  /** By the customer they turn out to have been. */
  members: Map<string, MemberId>;
};

/** What members spend in between: cheap, so that it happens often. */
export const simulatedReward = { id: 'simulated', cost: 2 } as const;

/** Conditions that ask about things only Shopify knows are left to the tests of those look-ups. */
const lookedUp: (keyof Conditions)[] = [
  'collectionIds',
  'excludedCollectionIds',
  'productTags',
  'excludedProductTags',
  'productTypes',
  'excludedProductTypes',
  'memberTags',
  'excludedMemberTags',
  'segmentIds',
  'marketIds',
];

function withoutLookUps(conditions: Conditions): Conditions {
  const plain = { ...conditions };
  for (const condition of lookedUp) delete plain[condition];
  return plain;
}

function playableVersion(document: ProgramDocument): ProgramDocument {
  const [unit] = document.units;
  if (unit === undefined) throw new Error('a program has a unit');
  return {
    ...document,
    name: 'Simulated',
    earnRules: document.earnRules.map((rule): EarnRule => ({ ...rule, conditions: withoutLookUps(rule.conditions) })),
    rewards: [
      {
        id: simulatedReward.id,
        name: 'Simulated',
        unit: unit.id,
        cost: simulatedReward.cost,
        benefit: { kind: 'custom', instructions: 'Nod.' },
      },
    ],
    settings: { ...document.settings, earnsOnGiftCards: true },
  };
}

const versions: fc.Arbitrary<Versions> = meagreVersions.map(([first, ...later]) => [
  playableVersion(first),
  ...later.map(playableVersion),
]);

/** What a program says of points that are over or missing; most carry debts, and nothing expires. */
const termsOnes: Pick<ProgramSettings, 'debtPolicy' | 'expiry'>[] = [
  { debtPolicy: 'carry', expiry: { mode: 'none' } },
  { debtPolicy: 'carry', expiry: { mode: 'none' } },
  { debtPolicy: 'carry', expiry: { mode: 'rolling', months: 3 } },
  { debtPolicy: 'carry', expiry: { mode: 'calendar', period: 'quarter', graceDays: 5 } },
  { debtPolicy: 'carry', expiry: { mode: 'sliding', months: 3 } },
  { debtPolicy: 'write-off', expiry: { mode: 'none' } },
  { debtPolicy: 'write-off', expiry: { mode: 'rolling', months: 2 } },
];

/** The life behind a seed, and who takes part in it: by turns one member, and several of whom some are made one. */
export function lifeOf(seed: number): Cast {
  const random = createRandom(seed);
  return seed % 2 === 0 ? castFolds(foldableLives(seed, random), random) : castOne(playableLife(seed), random);
}

function playableLife(seed: number): ToldLife {
  const playable = livesOf(seed, versions).find(({ life }) => life.orders.length > 0);
  if (playable === undefined) throw new Error('no life came of the seed');
  return playable;
}

/** Rules under which nearly every sale asks what was before, beside those that are there by chance. */
const curiousRules: EarnRule[] = [
  { kind: 'visit', id: 'first', unit: 'coffee', amount: 3, conditions: { firstOrder: true } },
  { kind: 'item', id: 'few', unit: 'point', amount: 2, conditions: {}, caps: { perMember: 7 } },
  { kind: 'visit', id: 'seldom', unit: 'tea', amount: 1, conditions: {}, coolDownHours: 720 },
];

/** Some in which a good deal happens, by rules that look back. */
function foldableLives(seed: number, random: Random): ToldLife[] {
  const terms = random.pick(termsOnes);
  const curious = random.chance(0.6) ? curiousRules : [];
  const made = (document: ProgramDocument): ProgramDocument => ({
    ...document,
    earnRules: [...document.earnRules, ...curious],
    settings: { ...document.settings, ...terms },
  });
  const settled: fc.Arbitrary<Versions> = versions.map(([first, ...later]) => [made(first), ...later.map(made)]);
  return livesOf(seed, settled)
    .filter((told) => told.life.orders.length >= 3 && told.versions.some(needsHistory))
    .slice(0, 12);
}

/** Joining and birthdays are the product's own to tell, so a life has none of them. */
function livesOf(seed: number, ofVersions: fc.Arbitrary<Versions>): ToldLife[] {
  const isTold = ({ kind, isRevoked }: LifeEvent) => (kind === 'review' || kind === 'custom') && !isRevoked;
  return fc
    .sample(lifeArbitrary(ofVersions), { seed, numRuns: 50 })
    .map((told) => ({ ...told, life: { ...told.life, events: told.life.events.filter(isTold) } }))
    .filter(hasOneVersionAtATime);
}

/** A version is in force from an instant on: two sales of one instant cannot count by different ones. */
function hasOneVersionAtATime({ life }: ToldLife): boolean {
  const inForce = new Map<number, ProgramDocument>();
  return witnessOf(life).occasions.every((occasion) => {
    const document = documentOf(occasion);
    const other = inForce.get(occasion.at) ?? document;
    inForce.set(occasion.at, document);
    return other === document;
  });
}

/** Sets it up as if its merchant had published each version when it first counted, and all had joined before. */
export async function makeWorld(cast: Cast, name: string): Promise<World> {
  const { told, joins } = cast;
  const shopId = newId<ShopId>();
  const domain = `${name}.myshopify.com`;
  const at = new Date();
  const currency = told.life.orders[0]?.shopPrices.currency ?? 'EUR';
  const programId = await withShop(shopId, async (tx) => {
    await createShop(tx, domain, at);
    await markInstalled(tx, { name, currency, timeZone: told.timeZone, country: 'DE', scopes: 'read_orders' }, at);
    const [draft] = told.versions;
    const created = await createProgram(tx, { slug: name, draft, signUpPlaces: ['link'], at });
    for (const { document, effectiveFrom } of publications(told))
      await insertRuleVersion(tx, {
        programId: created,
        document,
        effectiveFrom,
        publishedAt: at,
        publishedBy: 'test',
      });
    await insertCardDesign(tx, created, { design: starterDesign(name), at });
    return created;
  });
  const shop = { shopId, domain, programId, slug: name };
  setClockOffsetMs(joiningMs(told) - Date.now());
  const members = new Map<string, MemberId>();
  for (const [customer, shopifyCustomerId] of joins)
    members.set(customer, (await makeMember(shop, { shopifyCustomerId })).memberId);
  return { ...cast, shop, members, rewardUnit: told.versions[0].units[0]?.id ?? '' };
}

function publications({ life, versions: all }: ToldLife): { document: ProgramDocument; effectiveFrom: Date }[] {
  const firstUse = new Map<ProgramDocument, number>();
  for (const occasion of witnessOf(life).occasions) {
    const document = documentOf(occasion);
    firstUse.set(document, Math.min(occasion.at, firstUse.get(document) ?? occasion.at));
  }
  return all.flatMap((document, index) => {
    const at = index === 0 ? Date.parse('2010-01-01T00:00:00Z') : firstUse.get(document);
    return at === undefined ? [] : [{ document, effectiveFrom: new Date(at) }];
  });
}
