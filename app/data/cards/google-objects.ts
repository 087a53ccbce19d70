/**
 * What Google holds of our cards: of which design's class an object is, whether the shopper saved it, and how many notices
 * it may still cause. One sender at a time has an object in hand, so that an older state never arrives after a newer one.
 * Times are the database's and real: they are about Google's calls, not about the rules of loyalty.
 */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, PassId, ProgramId } from '#app/lib/ids.ts';

export type GoogleObjectState = 'offered' | 'saved' | 'deleted';

export type GoogleObject = {
  /** The design whose class the object is of. */
  designNumber: number;
  state: GoogleObjectState;
  /** Handed out in a link and not sent by a call since. */
  isFromLink: boolean;
};

type ObjectRow = { design_number: number; state: GoogleObjectState; is_from_link: boolean };

const toObject = (row: ObjectRow): GoogleObject => ({
  designNumber: row.design_number,
  state: row.state,
  isFromLink: row.is_from_link,
});

/** Longer than all calls that are made with an object in hand may take. A sender that died gives it back by this. */
const inHandS = 120;

/**
 * Takes an object in hand; made known first when it is new, as one of this design's class. Null while another sender has it.
 * What is read afterwards in the same transaction is at least as new as what that sender sent.
 */
export async function takeInHand(tx: Tx, passId: PassId, designNumber: number): Promise<GoogleObject | null> {
  const [row] = await tx.query<ObjectRow>(
    `insert into google_object as o (shop_id, pass_id, design_number, sending_until)
     values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))
     on conflict (shop_id, pass_id) do update set sending_until = excluded.sending_until
       where o.sending_until is null or o.sending_until < clock_timestamp()
     returning design_number, state, is_from_link`,
    [tx.shopId, passId, designNumber, inHandS],
  );
  return row === undefined ? null : toObject(row);
}

/** Lets go of an object after a call that did not work. Safe to repeat. */
export async function letGo(tx: Tx, passId: PassId): Promise<void> {
  await tx.query('update google_object set sending_until = null where shop_id = $1 and pass_id = $2', [
    tx.shopId,
    passId,
  ]);
}

/** Lets go of an object that Google holds now as one of this design's class. */
export async function letGoSent(tx: Tx, passId: PassId, designNumber: number): Promise<void> {
  await tx.query(
    `update google_object set sending_until = null, design_number = $3, is_from_link = false
     where shop_id = $1 and pass_id = $2`,
    [tx.shopId, passId, designNumber],
  );
}

/** Remembers that a save link brings the object along: Google has it once the shopper saves it, and perhaps not whole. */
export async function noteOfferedByLink(tx: Tx, passId: PassId, designNumber: number): Promise<void> {
  await tx.query(
    `insert into google_object (shop_id, pass_id, design_number, is_from_link) values ($1, $2, $3, true)
     on conflict (shop_id, pass_id) do update set is_from_link = true`,
    [tx.shopId, passId, designNumber],
  );
}

/** What is known of these passes' objects; a pass Google never heard of is not among them. */
export async function readGoogleObjects(tx: Tx, passIds: PassId[]): Promise<Map<PassId, GoogleObject>> {
  const rows = await tx.query<ObjectRow & { pass_id: PassId }>(
    'select pass_id, design_number, state, is_from_link from google_object where shop_id = $1 and pass_id = any($2)',
    [tx.shopId, passIds],
  );
  return new Map(rows.map((row) => [row.pass_id, toObject(row)]));
}

/** The cards of these members that Google knows or may come to know. */
export async function listGoogleCards(
  tx: Tx,
  memberIds: MemberId[],
): Promise<{ programId: ProgramId; designNumber: number; serial: string; issuerId: string | null }[]> {
  const rows = await tx.query<{
    program_id: ProgramId;
    design_number: number;
    serial: string;
    issuer_id: string | null;
  }>(
    `select m.program_id, o.design_number, p.serial, p.google_issuer_id as issuer_id from google_object o
     join pass p on p.shop_id = o.shop_id and p.id = o.pass_id
     join member m on m.shop_id = p.shop_id and m.id = p.member_id
     where o.shop_id = $1 and p.member_id = any($2) order by p.id`,
    [tx.shopId, memberIds],
  );
  return rows.map((row) => ({
    programId: row.program_id,
    designNumber: row.design_number,
    serial: row.serial,
    issuerId: row.issuer_id,
  }));
}

/** Google shows so many notices of a card in a day and drops the rest. */
export const noticesPerDayMax = 3;

/** Asks for one of the card's notices. False when it had all of the last 24 hours: a change then comes silently. */
export async function takeNotice(tx: Tx, passId: PassId): Promise<boolean> {
  const rows = await tx.query(
    `update google_object set notices = array(
         select at from unnest(notices) as at where at > clock_timestamp() - interval '24 hours' order by at
       ) || clock_timestamp()
     where shop_id = $1 and pass_id = $2 and state <> 'deleted'
       and (select count(*) from unnest(notices) as at where at > clock_timestamp() - interval '24 hours') < $3
     returning 1 as one`,
    [tx.shopId, passId, noticesPerDayMax],
  );
  return rows.length === 1;
}

/** Takes in what Google says of the shopper, unless something that ends later was said before. Answers the object, or null. */
export async function noteShopper(
  tx: Tx,
  passId: PassId,
  told: { state: 'saved' | 'deleted'; until: Date },
): Promise<GoogleObject | null> {
  const [row] = await tx.query<ObjectRow>(
    `update google_object set state = $3, state_until = $4
     where shop_id = $1 and pass_id = $2 and (state_until is null or state_until < $4)
     returning design_number, state, is_from_link`,
    [tx.shopId, passId, told.state, told.until],
  );
  return row === undefined ? null : toObject(row);
}

/** Uses up the mark of one of Google's calls. False when it was used before. */
export async function takeNonce(tx: Tx, call: { nonce: string; expiresAt: Date }): Promise<boolean> {
  const rows = await tx.query(
    `insert into google_callback (shop_id, nonce, expires_at) values ($1, $2, $3)
     on conflict (shop_id, nonce) do nothing returning 1 as one`,
    [tx.shopId, call.nonce, call.expiresAt],
  );
  return rows.length === 1;
}

/** Removes marks of calls that ended before. Answers how many, at most `limit`. */
export async function purgeNonces(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from google_callback where shop_id = $1 and nonce in (
       select nonce from google_callback where shop_id = $1 and expires_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
