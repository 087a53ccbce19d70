/** Signals: what detectors count. They carry opaque subjects and figures, never a network, an address or a name. */
import { addToOutbox } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';

export const signalKinds = [
  /** A reward was reserved or handed over; the subject is the member. */
  'redemption',
  /** Somebody gave stamps or points by hand; the subject is the staff. */
  'hand-given',
  /** A member's card was used from a network not seen that day; `count` is how many there are by now. */
  'networks',
  /** Something was asked for that does not exist; the subject is who asked. */
  'missing',
  /** A trap was touched; the subject is the trap, as 'canary-member:<id>' or 'canary-key:<id>'. */
  'canary',
  /** Somebody was refused for want of the right secret; the subject is the target. */
  'refused',
  /** A key was used from outside its networks; the subject is the key. */
  'foreign-network',
  /** A secret was found in public and presented; the subject is its key. */
  'leaked-key',
] as const;
export type SignalKind = (typeof signalKinds)[number];

export type Signal = {
  kind: SignalKind;
  /** 'member:<id>', 'staff:<id>', 'api:<client>', 'shop' … */
  subject: string;
  /** How many of it; 1 when left out. */
  count?: number;
  /** By the clock of the rules. */
  at: Date;
};

/** Signals come in crowds: those of a moment are looked at together. */
const gatherMs = 2_000;
const atOnce: ReadonlySet<SignalKind> = new Set(['canary', 'leaked-key']);

/** Notes a signal for the detectors and has them look soon. Every call counts: repeating one counts twice. */
export async function noteSignal(tx: Tx, signal: Signal): Promise<void> {
  await noteQuietly(tx, signal);
  const runAt = new Date(Date.now() + (atOnce.has(signal.kind) ? 0 : gatherMs));
  await addToOutbox(tx, [{ job: 'watch-shop', payload: { shopId: tx.shopId }, runAt }]);
}

async function noteQuietly(tx: Tx, { kind, subject, count = 1, at }: Signal): Promise<void> {
  await tx.query('insert into security_signal (shop_id, kind, subject, amount, at) values ($1, $2, $3, $4, $5)', [
    tx.shopId,
    kind,
    subject,
    count,
    at,
  ]);
}

export type SignalSum = { subject: string; total: number; largest: number; times: number; lastAt: Date };

/** What came of one kind since an instant, by subject; the largest sums first, at most 100. */
export async function sumSignals(
  tx: Tx,
  asked: { kind: SignalKind; since: Date; totalMin: number },
): Promise<SignalSum[]> {
  return tx.query<SignalSum>(
    `select subject, sum(amount)::bigint as total, max(amount) as largest, count(*)::bigint as times, max(at) as "lastAt"
     from security_signal
     where shop_id = $1 and kind = $2 and at > $3 group by subject having sum(amount) >= $4
     order by total desc, subject limit 100`,
    [tx.shopId, asked.kind, asked.since, asked.totalMin],
  );
}

/** Removes old signals. Answers how many, at most `limit`. */
export async function purgeSignals(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from security_signal where shop_id = $1 and id in (
       select id from security_signal where shop_id = $1 and at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
