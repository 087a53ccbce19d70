/** A shop, its program and one member whose life is known: what a simulation plays out. */
import * as fc from 'fast-check';

import { createShop, markInstalled } from '#app/data/shops/shops.ts';
import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { createProgram, insertRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type MemberId, newId, type ShopId } from '#app/lib/ids.ts';
import { makeMember, type TestShop } from '#test/support/factories.ts';
import { lifeArbitrary, type ToldLife } from '#test/support/histories/lives.ts';
import { meagreVersions, type Versions } from '#test/support/histories/programs.ts';
import { documentOf, witnessOf } from '#test/support/oracle/earning.ts';
import type { LifeEvent } from '#test/support/oracle/life.ts';
import { createRandom } from '#test/support/random.ts';
import { customers, nameOwners, type Owners } from '#test/simulate/owners.ts';

export type World = {
  shop: TestShop;
  memberId: MemberId;
  told: ToldLife;
  rewardUnit: string;
  owners: Owners;
  /** By customer. */
  members: Map<string, MemberId>;
};

/** What the member spends in between: cheap, so that it happens often. */
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

/** `isKnownAsGone`: whether the member joined as the customer who is merged into their own. */
type Life = { told: ToldLife; owners: Owners; isKnownAsGone: boolean };

/** The life behind a seed, and whose its orders turn out to be. Joining and birthdays are the product's own to tell, so a life has none of them. */
export function lifeOf(seed: number): Life {
  const lives = fc.sample(lifeArbitrary(versions), { seed, numRuns: 50 }).map((told) => {
    const isTold = ({ kind, isRevoked }: LifeEvent) => (kind === 'review' || kind === 'custom') && !isRevoked;
    return { ...told, life: { ...told.life, events: told.life.events.filter(isTold) } };
  });
  const playable = lives.find((told) => told.life.orders.length > 0 && hasOneVersionAtATime(told));
  if (playable === undefined) throw new Error('no life came of the seed');
  const random = createRandom(seed);
  return { ...nameOwners(playable, random), isKnownAsGone: random.chance(0.5) };
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

/** Sets it up as if its merchant had published each version when it first counted. */
export async function makeWorld({ told, owners, isKnownAsGone }: Life, name: string): Promise<World> {
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
  const { memberId } = await makeMember(shop, { shopifyCustomerId: isKnownAsGone ? customers.gone : customers.own });
  const other = await makeMember(shop, { shopifyCustomerId: customers.other });
  const members = new Map<string, MemberId>([
    [customers.own, memberId],
    [customers.other, other.memberId],
  ]);
  return { shop, memberId, told, owners, members, rewardUnit: told.versions[0].units[0]?.id ?? '' };
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
