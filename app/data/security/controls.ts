/** What is stopped at the moment: set by a detector's playbook or by a person, lifted by a person or by time. */
import type { Tx } from '#app/data/tenancy.ts';
import { type ControlId, type IncidentId, newId } from '#app/lib/ids.ts';

export const controlKinds = [
  'pause-redemptions',
  'pause-location',
  'pause-staff',
  'challenge-member',
  'throttle-client',
] as const;
export type SecurityControlKind = (typeof controlKinds)[number];

export type SecurityControl = {
  controlId: ControlId;
  kind: SecurityControlKind;
  /** 'shop', 'location:<id>', 'staff:<id>', 'member:<id>', 'api:<client>'. */
  subject: string;
  incidentId: IncidentId | null;
  reason: string;
  setBy: string;
  setAt: Date;
  until: Date | null;
};

const columns = `id as "controlId", kind, subject, incident_id as "incidentId", reason, set_by as "setBy", set_at as "setAt", until`;

/** Stops something. False when the same is stopped already: what is in force stays as it is. */
export async function setControl(tx: Tx, control: Omit<SecurityControl, 'controlId'>): Promise<boolean> {
  // What time has ended makes room for what begins now.
  await tx.query(
    `update security_control set lifted_by = 'system', lifted_at = until
     where shop_id = $1 and kind = $2 and subject = $3 and lifted_at is null and until <= $4`,
    [tx.shopId, control.kind, control.subject, control.setAt],
  );
  const rows = await tx.query(
    `insert into security_control (shop_id, id, kind, subject, incident_id, reason, set_by, set_at, until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (shop_id, kind, subject) where lifted_at is null do nothing returning 1 as one`,
    [
      tx.shopId,
      newId<ControlId>(),
      control.kind,
      control.subject,
      control.incidentId,
      control.reason,
      control.setBy,
      control.setAt,
      control.until,
    ],
  );
  return rows.length > 0;
}

/** Lets it go on. Answers what was lifted, or null when nothing of that id was in force. */
export async function liftControl(
  tx: Tx,
  controlId: string,
  by: { actor: string; at: Date },
): Promise<SecurityControl | null> {
  const [row] = await tx.query<SecurityControl>(
    `update security_control set lifted_by = $3, lifted_at = $4
     where shop_id = $1 and id = $2 and lifted_at is null returning ${columns}`,
    [tx.shopId, controlId, by.actor, by.at],
  );
  return row ?? null;
}

/** What is in force for any of these subjects; at most one of a kind and subject. */
export async function readControls(tx: Tx, asked: { subjects: string[]; at: Date }): Promise<SecurityControl[]> {
  return tx.query<SecurityControl>(
    `select ${columns} from security_control
     where shop_id = $1 and subject = any($2) and lifted_at is null and (until is null or until > $3)`,
    [tx.shopId, asked.subjects, asked.at],
  );
}

/** All that is in force, the newest first, at most 200. */
export async function listControls(tx: Tx, at: Date): Promise<SecurityControl[]> {
  return tx.query<SecurityControl>(
    `select ${columns} from security_control where shop_id = $1 and lifted_at is null and (until is null or until > $2)
     order by set_at desc, id desc limit 200`,
    [tx.shopId, at],
  );
}

/** Throws our access to the shop's Shopify account away; the next time somebody opens the app it is granted anew. */
export async function dropShopifySessions(tx: Tx): Promise<number> {
  const rows = await tx.query('delete from session where shop_id = $1 returning 1 as one', [tx.shopId]);
  return rows.length;
}
