/**
 * Mails to shoppers, and what comes of them. A request says to whom and what for; the text is written when it is sent. The
 * code in a mail is derived from the request, so it rests nowhere.
 */
import { normalizeEmail } from '#app/data/members/profiles.ts';
import type { ConsentChannel, ConsentPurpose } from '#app/data/privacy/chains.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type MemberId, newId } from '#app/lib/ids.ts';
import { equalBytes, seal, type ShopKeys, sign, unseal } from '#app/lib/sealed-box.ts';

/** What a mail is for. Codes are typed into our page; 'email-proof' holds a link to confirm; the other three only tell. */
export type MailKind =
  'email-proof' | 'known-address' | 'address-changed' | 'new-card' | 'contact-code' | 'download-code' | 'erasure-code';

/** A consent that waits for the link in a mail. */
export type WaitingConsent = {
  purpose: ConsentPurpose;
  channel: ConsentChannel;
  wordingVersion: string;
  locale: string;
  source: string;
};

export type MailRequest = {
  requestId: string;
  memberId: MemberId;
  kind: MailKind;
  locale: string;
  address: string;
  nextAddress: string | null;
  consents: WaitingConsent[];
  expiresAt: Date;
  sentAt: Date | null;
  doneAt: Date | null;
};

export type NewMailRequest = {
  memberId: MemberId;
  kind: MailKind;
  locale: string;
  address: string;
  nextAddress?: string;
  consents?: WaitingConsent[];
  at: Date;
};

const minuteMs = 60_000;
const codeLifeMs = 10 * minuteMs;
const lifeMs: Record<MailKind, number> = {
  'email-proof': 7 * 24 * 60 * minuteMs,
  'known-address': 24 * 60 * minuteMs,
  'address-changed': 24 * 60 * minuteMs,
  'new-card': 24 * 60 * minuteMs,
  'contact-code': codeLifeMs,
  'download-code': codeLifeMs,
  'erasure-code': codeLifeMs,
};
/** Anybody can type an address: nobody is to get more mails a day for it than these. */
const mailsPerDayMax = 6;
/** A code has six digits: with these tries a guess is right once in 200,000. */
const triesMax = 5;

const place = (column: 'address' | 'next_address', row: string) => ({ table: 'mail_request', column, row });

/** Notes a mail to be sent, and answers its id; null when the address has had enough mails for a day. */
export async function addMailRequest(tx: Tx, asked: NewMailRequest): Promise<string | null> {
  const keys = await readShopKeys(tx);
  // Not a blind index: it must not change with the data key, or the count would begin anew.
  const index = sign(keys, 'mail-address', normalizeEmail(asked.address));
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [index.readBigInt64BE(8).toString()]);
  const [sent] = await tx.query<{ count: number }>(
    `select count(*)::int as count from mail_request
     where shop_id = $1 and address_index = $2 and asked_at > $3::timestamptz - interval '1 day'`,
    [tx.shopId, index, asked.at],
  );
  if ((sent?.count ?? 0) >= mailsPerDayMax) return null;
  const requestId = newId<string & MemberId>();
  const { nextAddress } = asked;
  await tx.query(
    `insert into mail_request (shop_id, id, member_id, kind, locale, address, address_index, next_address, consents, asked_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      tx.shopId,
      requestId,
      asked.memberId,
      asked.kind,
      asked.locale,
      seal(keys, place('address', requestId), asked.address),
      index,
      nextAddress === undefined ? null : seal(keys, place('next_address', requestId), nextAddress),
      JSON.stringify(asked.consents ?? []),
      asked.at,
      new Date(asked.at.getTime() + lifeMs[asked.kind]),
    ],
  );
  return requestId;
}

type Row = {
  id: string;
  member_id: MemberId;
  kind: MailKind;
  locale: string;
  address: Buffer;
  next_address: Buffer | null;
  consents: WaitingConsent[];
  expires_at: Date;
  sent_at: Date | null;
  done_at: Date | null;
};

const selection = `select id, member_id, kind, locale, address, next_address, consents, expires_at, sent_at, done_at
  from mail_request where shop_id = $1 and id = $2`;

/** Locks a request, or answers null when there is none (any more). */
export async function lockMailRequest(tx: Tx, requestId: string): Promise<MailRequest | null> {
  return toRequest(tx, await tx.query<Row>(`${selection} for update`, [tx.shopId, requestId]));
}

/** A request, or null when there is none (any more). */
export async function readMailRequest(tx: Tx, requestId: string): Promise<MailRequest | null> {
  return toRequest(tx, await tx.query<Row>(selection, [tx.shopId, requestId]));
}

async function toRequest(tx: Tx, [row]: Row[]): Promise<MailRequest | null> {
  if (row === undefined) return null;
  const keys = await readShopKeys(tx);
  return {
    requestId: row.id,
    memberId: row.member_id,
    kind: row.kind,
    locale: row.locale,
    address: unseal(keys, place('address', row.id), row.address),
    nextAddress: row.next_address === null ? null : unseal(keys, place('next_address', row.id), row.next_address),
    consents: row.consents,
    expiresAt: row.expires_at,
    sentAt: row.sent_at,
    doneAt: row.done_at,
  };
}

/** Notes that the mail was handed over, or that what it was for is done. Safe to repeat. */
export async function markMail(tx: Tx, requestId: string, mark: { what: 'sent' | 'done'; at: Date }): Promise<void> {
  const column = mark.what === 'sent' ? 'sent_at' : 'done_at';
  await tx.query(`update mail_request set ${column} = coalesce(${column}, $3) where shop_id = $1 and id = $2`, [
    tx.shopId,
    requestId,
    mark.at,
  ]);
}

/** The newest request of this kind that a member could still answer, or null. */
export async function findOpenMail(
  tx: Tx,
  asked: { memberId: MemberId; kinds: MailKind[]; at: Date },
): Promise<{ requestId: string; kind: MailKind } | null> {
  const [row] = await tx.query<{ id: string; kind: MailKind }>(
    `select id, kind from mail_request where shop_id = $1 and member_id = $2 and kind = any($3)
       and done_at is null and expires_at > $4 and tries < $5 order by asked_at desc, id desc limit 1`,
    [tx.shopId, asked.memberId, asked.kinds, asked.at, triesMax],
  );
  return row === undefined ? null : { requestId: row.id, kind: row.kind };
}

/** The six digits in a mail. */
export function codeOf(keys: ShopKeys, requestId: string): string {
  const number = sign(keys, 'mail-code', requestId).readUInt32BE(0) % 1_000_000;
  return String(number).padStart(6, '0');
}

export type CodeVerdict = 'right' | 'wrong' | 'over';

/** Compares a typed code, and counts the try whatever comes of it. A right one is good once. */
export async function tryCode(tx: Tx, asked: { requestId: string; code: string; at: Date }): Promise<CodeVerdict> {
  const [row] = await tx.query<{ tries: number; is_over: boolean }>(
    `update mail_request set tries = tries + 1 where shop_id = $1 and id = $2
     returning tries, done_at is not null or expires_at <= $3 as is_over`,
    [tx.shopId, asked.requestId, asked.at],
  );
  if (row === undefined || row.is_over || row.tries > triesMax) return 'over';
  const typed = Buffer.from(asked.code.replaceAll(/\D/g, ''));
  const expected = Buffer.from(codeOf(await readShopKeys(tx), asked.requestId));
  if (!equalBytes(typed, expected)) return row.tries === triesMax ? 'over' : 'wrong';
  await markMail(tx, asked.requestId, { what: 'done', at: asked.at });
  return 'right';
}

/** What a mail that is no longer needed still says of people is deleted. Answers how many, at most `limit`. */
export async function purgeMailRequests(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from mail_request where shop_id = $1 and id in (
       select id from mail_request where shop_id = $1 and expires_at < $2 order by expires_at, id limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
