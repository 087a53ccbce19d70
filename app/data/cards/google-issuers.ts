/** A shop's own issuer accounts at Google Wallet. Saved cards stay with the issuer they were saved under. */
import { lockShop, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { GoogleAccount } from '#app/domain/cards/google-account.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { isId, newId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

export type GoogleAccess =
  /** Only testers of the account can save cards. */
  | 'demo'
  /** Google was asked to open it for everybody. */
  | 'requested'
  | 'live';

export type GoogleIssuerRow = {
  id: string;
  issuerId: string;
  clientEmail: string;
  state: 'staged' | 'active' | 'retiring';
  access: GoogleAccess;
  createdAt: Date;
  /** Cards that were handed out under it. */
  passes: number;
};

const issuersMax = 10;
const keyPlace = (id: string) => ({ table: 'google_issuer', column: 'sealed_key', row: id });
const columns = `id, issuer_id as "issuerId", client_email as "clientEmail", state, access, created_at as "createdAt",
  (select count(*)::int from pass p where p.shop_id = i.shop_id and p.google_issuer_id = i.issuer_id
     and p.issued_at is not null and p.state = 'active') as passes`;

/** The shop's issuers, the one for new cards first. */
export async function listGoogleIssuers(tx: Tx): Promise<GoogleIssuerRow[]> {
  return tx.query<GoogleIssuerRow>(
    `select ${columns} from google_issuer i where shop_id = $1
     order by array_position(array['active', 'staged', 'retiring'], state), created_at desc, id limit 50`,
    [tx.shopId],
  );
}

/** One issuer. Throws `NotFound`, for another shop's as well. */
export async function readGoogleIssuer(tx: Tx, id: string): Promise<GoogleIssuerRow> {
  const [row] = isId(id)
    ? await tx.query<GoogleIssuerRow>(`select ${columns} from google_issuer i where shop_id = $1 and id = $2`, [
        tx.shopId,
        id,
      ])
    : [];
  if (row === undefined)
    throw new NotFound('google-issuer-not-found', 'No such issuer', { publicMessage: 'This issuer is gone.' });
  return row;
}

/**
 * Keeps an account; for an issuer that is known the account is exchanged and everything else stays. Answers the row's id.
 * Safe to repeat. Throws `Conflict` beyond ten.
 */
export async function saveGoogleIssuer(
  tx: Tx,
  saved: { account: GoogleAccount; createdBy: string; createdAt: Date },
): Promise<{ id: string; isNew: boolean }> {
  await lockShop(tx);
  const known = await listGoogleIssuers(tx);
  const same = known.find(({ issuerId }) => issuerId === saved.account.issuerId);
  if (same === undefined && known.length >= issuersMax)
    throw new Conflict('google-issuers-max', `The shop keeps ${known.length} issuers`, {
      publicMessage: `At most ${issuersMax} issuers are kept. Remove one that is no longer used.`,
    });
  const id = same?.id ?? newId();
  const { account } = saved;
  await tx.query(
    `insert into google_issuer (shop_id, id, issuer_id, client_email, sealed_key, state, created_by, created_at)
     values ($1, $2, $3, $4, $5, 'staged', $6, $7)
     on conflict (shop_id, id) do update set client_email = excluded.client_email, sealed_key = excluded.sealed_key`,
    [
      tx.shopId,
      id,
      account.issuerId,
      account.clientEmail,
      seal(await readShopKeys(tx), keyPlace(id), account.privateKeyPem),
      saved.createdBy,
      saved.createdAt,
    ],
  );
  return { id, isNew: same === undefined };
}

/** The account of an issuer; null stays null: the platform's. Throws `NotFound` when the shop has none of that number. */
export async function readGoogleAccount(tx: Tx, issuerId: string | null): Promise<GoogleAccount | null> {
  const account = await findGoogleAccount(tx, issuerId);
  if (account === null && issuerId !== null)
    throw new NotFound('google-issuer-missing', 'The shop has no account of this issuer');
  return account;
}

/** The same, and null where the shop has none of that number any more. */
export async function findGoogleAccount(tx: Tx, issuerId: string | null): Promise<GoogleAccount | null> {
  if (issuerId === null) return null;
  const [row] = await tx.query<{ id: string; client_email: string; sealed_key: Buffer }>(
    'select id, client_email, sealed_key from google_issuer where shop_id = $1 and issuer_id = $2',
    [tx.shopId, issuerId],
  );
  if (row === undefined) return null;
  return {
    issuerId,
    clientEmail: row.client_email,
    privateKeyPem: unseal(await readShopKeys(tx), keyPlace(row.id), row.sealed_key),
  };
}

/** The account that a pass is issued by; null is the platform's. */
export async function readGoogleAccountOfPass(tx: Tx, passId: string): Promise<GoogleAccount | null> {
  const [row] = await tx.query<{ issuer_id: string | null }>(
    'select google_issuer_id as issuer_id from pass where shop_id = $1 and id = $2',
    [tx.shopId, passId],
  );
  return readGoogleAccount(tx, row?.issuer_id ?? null);
}

/** The account that new cards take; null is the platform's. */
export async function readActiveGoogleAccount(tx: Tx): Promise<GoogleAccount | null> {
  const active = (await listGoogleIssuers(tx)).find(({ state }) => state === 'active');
  return readGoogleAccount(tx, active?.issuerId ?? null);
}

/** Notes what Google lets an issuer do. */
export async function setGoogleAccess(tx: Tx, id: string, access: GoogleAccess): Promise<void> {
  await tx.query('update google_issuer set access = $3 where shop_id = $1 and id = $2', [tx.shopId, id, access]);
}

/** Makes an issuer the one for new cards; null makes it the platform. False when it was. Safe to repeat. */
export async function switchGoogleIssuer(tx: Tx, id: string | null): Promise<boolean> {
  await lockShop(tx);
  if (id !== null && (await readGoogleIssuer(tx, id)).state === 'active') return false;
  const retired = await tx.query(
    `update google_issuer set state = 'retiring' where shop_id = $1 and state = 'active' returning 1 as one`,
    [tx.shopId],
  );
  if (id === null) return retired.length > 0;
  await tx.query(`update google_issuer set state = 'active' where shop_id = $1 and id = $2`, [tx.shopId, id]);
  return true;
}

/** Forgets an issuer. Throws `NotFound`, and `Conflict` while cards that are out there need it. */
export async function removeGoogleIssuer(tx: Tx, id: string): Promise<GoogleIssuerRow> {
  await lockShop(tx);
  const issuer = await readGoogleIssuer(tx, id);
  if (issuer.state === 'active' || issuer.passes > 0)
    throw new Conflict('google-issuer-in-use', `${issuer.passes} cards need this issuer`, {
      publicMessage:
        issuer.state === 'active'
          ? 'New cards use this issuer. Switch to another one first.'
          : `${issuer.passes} saved cards still need this issuer.`,
    });
  await tx.query('delete from google_issuer where shop_id = $1 and id = $2', [tx.shopId, id]);
  return issuer;
}
