/** The shop lays two traps: a member nobody knows, and a key nobody has a reason to use. */
import { randomBytes } from 'node:crypto';

import { appendAudit } from '#app/data/privacy/chains.ts';
import { insertMember } from '#app/data/members/members.ts';
import { writeProfile } from '#app/data/members/profiles.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import { insertCanary, keyCanary, listCanaries, memberCanary } from '#app/data/security/canaries.ts';
import { insertApiClient } from '#app/data/shops/api-clients.ts';
import { lockShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { newClientId, newClientSecret, secretPrefixOf } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

export type PlantedCanaries = {
  memberId: MemberId;
  clientId: string;
  /** To be left where a thief would look, such as an old settings file. Shown here and never again. */
  clientSecret: string;
};

const canariesMax = 20;
/** Like any other name in a list, and nobody's: who reads it has read more than they should. */
const names = [
  'Marta Lindqvist',
  'Jonas Ferrante',
  'Elise Vandermeer',
  'Tomas Okafor',
  'Nadia Bergstrom',
  'Paul Achterberg',
];

/**
 * Plants a member without consents, balance or card, and a key that may do nothing. Repeating it plants two more. Throws
 * `Conflict` without a program, and when there are enough.
 */
export async function plantCanaries({ shopId, actor }: { shopId: ShopId; actor: string }): Promise<PlantedCanaries> {
  const clientId = newClientId();
  const clientSecret = newClientSecret(env().STAMPWELL_ENV);
  const secretHash = await hashSecret(clientSecret);
  const memberId = await withShop(shopId, async (tx) => {
    await lockShop(tx);
    if ((await listCanaries(tx)).length >= canariesMax)
      throw new Conflict('canaries-max', 'The shop has enough traps', {
        publicMessage: 'There are enough traps already.',
      });
    const at = now();
    const planted = await plantMember(tx, at);
    await insertApiClient(tx, {
      name: 'Warehouse export',
      scopes: [],
      programIds: null,
      networks: [],
      requestsPerSecond: null,
      expiresAt: null,
      clientId,
      secretHash,
      keyPrefix: secretPrefixOf(clientSecret),
      pseudonymKey: null,
      createdAt: at,
      createdBy: actor,
    });
    for (const subject of [memberCanary(planted), keyCanary(clientId)]) {
      await insertCanary(tx, { subject, plantedBy: actor, plantedAt: at });
      await appendAudit(tx, {
        actor,
        action: 'security.plant-canary',
        object: 'shop',
        beforeHash: null,
        // The log is read by more people than may know the traps.
        afterHash: fingerprint({ subject }),
        reason: null,
        occurredAt: at,
      });
    }
    return planted;
  });
  return { memberId, clientId, clientSecret };
}

async function plantMember(tx: Tx, at: Date): Promise<MemberId> {
  const programs = await listPrograms(tx);
  const program = programs.find(({ state }) => state === 'live') ?? programs[0];
  if (program === undefined)
    throw new Conflict('no-program', 'There is no program to plant a member in', {
      publicMessage: 'Publish a program first: a trap has to stand among members.',
    });
  const memberId = await insertMember(
    tx,
    {
      programId: program.programId,
      shopifyCustomerId: null,
      externalId: null,
      locale: 'en',
      enrolledAt: at,
      enrolledVia: 'admin',
      enrolledLocation: null,
    },
    [],
  );
  const [first = 0, ...rest] = randomBytes(5);
  const name = names[first % names.length] ?? 'Marta Lindqvist';
  const mark = Buffer.from(rest).toString('hex');
  await writeProfile(tx, memberId, { name, email: `${name.toLowerCase().replace(' ', '.')}.${mark}@example.com` });
  return memberId;
}
