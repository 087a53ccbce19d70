/** Two shops side by side in one running system: what the second one's API client finds of the first one's member. */
import { randomBytes } from 'node:crypto';

import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { joinProgram } from '#test/platform/shopper.ts';
import { balancesBySerial } from '#test/support/books.ts';
import { askApiAs, jsonOf } from '#test/support/callers.ts';
import { ask } from '#test/support/local-postgres.ts';

const addresses = ['', '/balance', '/ledger', '/passes'];

export type Findings = {
  /** The statuses of all that can be asked of the member. */
  statuses: number[];
  /** How many members the shop has under the shopper's e-mail address. */
  found: number;
};

/** What the member's own shop finds. */
export const everythingFound: Findings = { statuses: addresses.map(() => 200), found: 1 };
/** What any other shop may find. */
export const nothingFound: Findings = { statuses: addresses.map(() => 404), found: 0 };

async function findMembers(appUrl: string, shop: AddedShop, email: string): Promise<unknown[]> {
  const { members } = jsonOf(await askApiAs(appUrl, shop, `members?email=${encodeURIComponent(email)}`));
  return Array.isArray(members) ? members : [];
}

function idOf(member: unknown): string {
  return typeof member === 'object' && member !== null && 'id' in member ? String(member.id) : '';
}

/** What a shop's API client finds of a member. */
export async function findingsOf(
  appUrl: string,
  shop: AddedShop,
  member: { id: string; email: string },
): Promise<Findings> {
  const answers = await Promise.all(
    addresses.map((address) => askApiAs(appUrl, shop, `members/${member.id}${address}`)),
  );
  const members = await findMembers(appUrl, shop, member.email);
  return { statuses: answers.map(({ status }) => status), found: members.length };
}

/** A shopper joins the first shop on its public page; then each of the two shops asks for them. */
export async function askAsBothShops(
  appUrl: string,
  { first, second }: { first: AddedShop; second: AddedShop },
): Promise<{ first: Findings; second: Findings }> {
  const email = `shopper-${randomBytes(4).toString('hex')}@example.com`;
  await joinProgram({ appUrl, programSlug: first.programSlug, email });
  const [member] = await findMembers(appUrl, first, email);
  const known = { id: idOf(member), email };
  return { first: await findingsOf(appUrl, first, known), second: await findingsOf(appUrl, second, known) };
}

/** What is kept of every shop's people and cards: taken before and after a vain attempt, it must be the same. */
export async function everythingKept(databaseUrl: string): Promise<unknown> {
  const passes = await ask(
    databaseUrl,
    `select shop_id, (select count(*) from member m where m.shop_id = p.shop_id) as members,
       (select count(*) from consent_record c where c.shop_id = p.shop_id) as consents,
       (select count(*) from device_registration d where d.shop_id = p.shop_id) as devices,
       (select count(*) from ledger_entry l where l.shop_id = p.shop_id) as entries, serial, version, state
     from pass p order by serial`,
  );
  return { passes, balances: await balancesBySerial(databaseUrl) };
}
