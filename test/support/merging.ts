/** Shopify makes two customers one: what it says of that, and everything in whatever order it may be said. */
import { randomUUID } from 'node:crypto';

import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { createProgram, insertRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { referFriend } from '#app/flows/members/refer-friend.ts';
import { deliver, drain, makeDocument, makeMember, type TestShop } from '#test/support/factories.ts';

let newest = 9_960_000_000;
/** A customer id nobody had yet. */
export const newCustomer = () => String((newest += 1));

/** Nine in the morning of a day of March. */
export const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T09:00:00Z`;

/** Tells that the one was merged into the other, as Shopify did it then, and applies it. */
export async function merge(shop: TestShop, gone: string, kept: string, triggeredAt?: Date): Promise<void> {
  await deliver(shop, 'customers/merge', mergeBody(gone, kept), randomUUID(), triggeredAt);
  await drain(shop);
}

type Story = { told: (() => Promise<unknown>)[]; end: () => Promise<unknown> };

/** What the story comes to in every order in which its parts can be told, each once. */
export async function inEveryOrder(begin: () => Promise<Story>): Promise<string[]> {
  const count = (await begin()).told.length;
  const finals = new Set<string>();
  for (const order of permutations([...Array.from({ length: count }).keys()])) {
    const { told, end } = await begin();
    for (const index of order) await told[index]?.();
    finals.add(JSON.stringify(await end()));
  }
  return [...finals];
}

/** A program whose rules look back: somebody's first order counts twice. */
export function withFirstOrderBonus(): ReturnType<typeof makeDocument> {
  const document = makeDocument();
  const [rule] = document.earnRules;
  if (rule === undefined) throw new Error('the sample program has no rule');
  const first = { ...rule, id: 'first', conditions: { ...rule.conditions, firstOrder: true as const } };
  return { ...document, earnRules: [rule, first] };
}

/** The body of `customers/merge`: the one customer is gone, the other is kept. */
export function mergeBody(gone: string, kept: string): Record<string, unknown> {
  return {
    admin_graphql_api_customer_kept_id: `gid://shopify/Customer/${kept}`,
    admin_graphql_api_customer_deleted_id: `gid://shopify/Customer/${gone}`,
    admin_graphql_api_job_id: null,
    status: 'completed',
    errors: [],
  };
}

/** Every order in which these can come. */
export function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

/** Another program of the shop, beside its first. */
export async function secondProgram(shop: TestShop): Promise<TestShop> {
  const programId = await withShop(shop.shopId, async (tx) => {
    const [document, published] = [makeDocument(), new Date()];
    const created = await createProgram(tx, {
      slug: `second-${randomUUID()}`,
      draft: document,
      signUpPlaces: ['link'],
      at: published,
    });
    await insertRuleVersion(tx, {
      programId: created, document, effectiveFrom: new Date('2020-01-01'), publishedAt: published, publishedBy: 'test',
    }); // prettier-ignore
    await insertCardDesign(tx, created, { design: starterDesign('Second'), at: published });
    return created;
  });
  return { ...shop, programId };
}

/** A program that pays two stamps to a friend and three to who brought them, for at most so many friends. */
export function withReferral({ friendsMax } = { friendsMax: 10 }) {
  const document = makeDocument();
  const earnRules = document.earnRules.filter(({ kind }) => kind === 'spend');
  const [friend, referrer] = [2, 3].map((amount) => ({ unit: 'stamps', amount }));
  return { ...document, earnRules, referral: { friend, referrer, pendingDays: 0, minimumMinor: 0, friendsMax } } as typeof document; // prettier-ignore
}

/** Somebody who brings a friend, who is this customer. */
export async function bring(shop: TestShop, shopifyCustomerId: string) {
  const referrerCustomerId = newCustomer();
  const referrer = await makeMember(shop, { shopifyCustomerId: referrerCustomerId });
  const { friend } = await bringTo(shop, referrer, shopifyCustomerId);
  return { referrer: { ...referrer, customerId: referrerCustomerId }, friend };
}

/** This member brings one more friend, who is this customer. */
export async function bringTo(shop: TestShop, { memberId }: { memberId: string }, shopifyCustomerId: string) {
  const { code } = await referFriend({ shopId: shop.shopId, memberId, actor: 'shopper' });
  const friend = await enrollMember({
    shopId: shop.shopId, programId: shop.programId, via: 'link', profile: {}, shopifyCustomerId, referralCode: code,
    locale: 'en', consents: [], wordingVersion: '1', source: 'test',
  }); // prettier-ignore
  return { friend };
}
