/** When operators may look into the shop, and when they did. Rows are never removed: the merchant sees them all. */
import type { Tx } from '#app/data/tenancy.ts';
import type { SupportKind, SupportScope } from '#app/domain/access/support-access.ts';
import { isId, newId } from '#app/lib/ids.ts';

export type SupportAccess = {
  accessId: string;
  kind: SupportKind;
  /** Null: whichever operator takes up a grant. */
  operator: string | null;
  scopes: SupportScope[];
  reason: string;
  openedBy: string;
  openedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
  endedBy: string | null;
};

const columns = `id as "accessId", kind, operator, scopes, reason, opened_by as "openedBy", opened_at as "openedAt",
  expires_at as "expiresAt", ended_at as "endedAt", ended_by as "endedBy"`;
const listMax = 100;

/** Opens access. Answers its id. */
export async function insertSupportAccess(
  tx: Tx,
  access: Omit<SupportAccess, 'accessId' | 'endedAt' | 'endedBy'>,
): Promise<string> {
  const accessId = newId();
  await tx.query(
    `insert into support_access (shop_id, id, kind, operator, scopes, reason, opened_by, opened_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.shopId,
      accessId,
      access.kind,
      access.operator,
      access.scopes,
      access.reason,
      access.openedBy,
      access.openedAt,
      access.expiresAt,
    ],
  );
  return accessId;
}

/** What an operator was ever given here, the newest first: their own, and grants for whichever operator comes. */
export async function listAccessOf(tx: Tx, operator: string): Promise<SupportAccess[]> {
  return tx.query<SupportAccess>(
    `select ${columns} from support_access where shop_id = $1 and (operator = $2 or operator is null)
     order by opened_at desc, id desc limit ${listMax}`,
    [tx.shopId, operator],
  );
}

/** All access there ever was, the newest first. */
export async function listSupportAccess(tx: Tx): Promise<SupportAccess[]> {
  return tx.query<SupportAccess>(
    `select ${columns} from support_access where shop_id = $1 order by opened_at desc, id desc limit ${listMax}`,
    [tx.shopId],
  );
}

/** Ends access that goes on. Null when there is none such: ended, over, or another shop's. */
export async function endSupportAccess(
  tx: Tx,
  accessId: string,
  { at, by }: { at: Date; by: string },
): Promise<SupportAccess | null> {
  if (!isId(accessId)) return null;
  const [row] = await tx.query<SupportAccess>(
    `update support_access set ended_at = $3, ended_by = $4
     where shop_id = $1 and id = $2 and ended_at is null and expires_at > $3 returning ${columns}`,
    [tx.shopId, accessId, at, by],
  );
  return row ?? null;
}
