/** An operator of a test or demo system adds a shop without a browser: installed, with a live program and an API client. */
import { insertApiClient } from '#app/data/shops/api-clients.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { findShopByDomain } from '#app/data/directory.ts';
import { insertCardDesign } from '#app/data/cards/card-designs.ts';
import { createProgram, insertRuleVersion, listPrograms } from '#app/data/programs/programs.ts';
import { createShop, markInstalled, readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { apiScopes } from '#app/contracts/api-scopes.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { platformPassType } from '#app/gateways/apple-issuers.ts';
import { newClientId, newClientSecret, secretPrefixOf } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { Conflict, Forbidden } from '#app/lib/errors.ts';
import { newId, type ProgramId, type ShopId } from '#app/lib/ids.ts';
import { hashSecret } from '#app/lib/secret-hash.ts';

export type AddedShop = {
  shopDomain: string;
  shopId: ShopId;
  programId: ProgramId;
  programSlug: string;
  apiClientId: string;
  /** Shown here and never again. */
  apiClientSecret: string;
  passTypeIdentifier: string;
};

/**
 * Adds a shop and answers with a new API client of all scopes. Repeating it for the same domain finds the same shop and
 * program. Throws `Forbidden` outside of test and demo systems, `Unavailable` without a pass certificate.
 */
export async function addShop({ domain }: { domain: string }): Promise<AddedShop> {
  const environment = env().STAMPWELL_ENV;
  if (environment !== 'test' && environment !== 'demo')
    throw new Forbidden('not-a-test-system', 'Shops are added this way on test and demo systems only');
  const identifier = platformPassType();
  const shopId = await findOrCreate(domain);
  const program = await install(shopId, domain);
  const client = { clientId: newClientId(), secret: newClientSecret(environment) };
  const secretHash = await hashSecret(client.secret);
  await withShop(shopId, async (tx) => {
    const createdAt = now();
    await insertApiClient(tx, {
      clientId: client.clientId,
      name: 'Command line',
      secretHash,
      keyPrefix: secretPrefixOf(client.secret),
      scopes: [...apiScopes],
      programIds: null,
      networks: [],
      requestsPerSecond: null,
      expiresAt: null,
      pseudonymKey: null,
      createdAt,
      createdBy: 'operator',
    });
    await audit(tx, 'api-client.create', `api-client:${client.clientId}`, createdAt);
  });
  return {
    shopDomain: domain,
    shopId,
    ...program,
    apiClientId: client.clientId,
    apiClientSecret: client.secret,
    passTypeIdentifier: identifier,
  };
}

async function findOrCreate(domain: string): Promise<ShopId> {
  const known = await findShopByDomain(domain);
  if (known !== null) return known;
  const shopId = newId<ShopId>();
  const isNew = await withShop(shopId, (tx) => createShop(tx, domain, now()));
  return isNew ? shopId : findOrCreate(domain);
}

type LiveProgram = { programId: ProgramId; programSlug: string };

/** The plain address of the join page, or, where another shop took it, one with a tail that nobody else has. */
async function install(shopId: ShopId, domain: string): Promise<LiveProgram> {
  const slug = domain.replace('.myshopify.com', '').slice(0, 48).padEnd(2, '-');
  try {
    return await withShop(shopId, (tx) => installOnce(tx, domain, slug));
  } catch (error) {
    if (!(error instanceof Conflict) || error.code !== 'slug-taken') throw error;
    return withShop(shopId, (tx) => installOnce(tx, domain, `${slug}-${shopId.slice(-8)}`));
  }
}

async function installOnce(tx: Tx, domain: string, slug: string): Promise<LiveProgram> {
  const at = now();
  const shop = await readShop(tx);
  const name = shop.name ?? nameOf(domain);
  // Also the lock: two of these at once for one domain make one program.
  if (shop.state === 'installed') await tx.query('select 1 as one from shop where id = $1 for update', [tx.shopId]);
  else await markInstalled(tx, { name, currency: 'USD', timeZone: 'UTC', country: null, scopes: '' }, at);
  const known = (await listPrograms(tx)).find((program) => program.state === 'live');
  if (known !== undefined) return { programId: known.programId, programSlug: known.slug };
  const document = defaultProgram({ shopName: name, currency: shop.currency ?? 'USD' });
  const programId = await createProgram(tx, { slug, draft: document, signUpPlaces: ['checkout', 'link', 'pos'], at });
  await insertRuleVersion(tx, {
    programId,
    document,
    // Sample orders carry old dates, and an order counts by the version in force when it was made.
    effectiveFrom: new Date('2020-01-01T00:00:00Z'),
    publishedAt: at,
    publishedBy: 'operator',
  });
  await insertCardDesign(tx, programId, { design: starterDesign(name), at });
  await audit(tx, 'shop.add', `shop:${tx.shopId}`, at);
  return { programId, programSlug: slug };
}

function audit(tx: Tx, action: string, object: string, occurredAt: Date): Promise<void> {
  return appendAudit(tx, {
    actor: 'operator',
    action,
    object,
    beforeHash: null,
    afterHash: null,
    reason: null,
    occurredAt,
  });
}

/** "blue-bottle.myshopify.com" is called "Blue Bottle". */
function nameOf(domain: string): string {
  const words = domain
    .replace('.myshopify.com', '')
    .split('-')
    .filter((word) => word.length > 0);
  return words
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(' ')
    .slice(0, 32);
}
