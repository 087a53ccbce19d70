/**
 * The platform's operators: their accounts, their sessions, and what they did that concerns no single shop. They belong to no
 * shop; what they see of one stands in that shop's audit chain.
 */
import { describeDatabaseError, isUniqueViolation, pool, prepared } from '#app/data/database.ts';
import { Conflict } from '#app/lib/errors.ts';
import { keyEncryptionKeys, newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { openForPlatform, type PlatformSealed, sealForPlatform } from '#app/lib/platform-box.ts';

async function ask<Result extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Result[]> {
  try {
    return (await pool().query<Result>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

export type Operator = { name: string; passwordHash: string; codeSecret: PlatformSealed; codeStep: number };

/** Where an operator's secret for one-time codes is sealed. */
export const codePlace = (name: string) => ({ table: 'operator_account', column: 'totp_secret', row: name });

/** Adds an account. Throws `Conflict` when the name is taken. */
export async function insertOperator(account: Omit<Operator, 'codeStep'>, at: Date): Promise<void> {
  await pool()
    .query(
      `insert into operator_account (name, password_hash, totp_secret, totp_key, created_at) values ($1, $2, $3, $4, $5)`,
      [account.name, account.passwordHash, account.codeSecret.box, account.codeSecret.keyId, at],
    )
    .catch((error: unknown) => {
      if (isUniqueViolation(error, 'operator_account_pkey'))
        throw new Conflict('operator-known', `There is an operator ${account.name} already`, { cause: error });
      throw describeDatabaseError(error);
    });
}

/** An operator who may sign in, or null. */
export async function findOperator(name: string): Promise<Operator | null> {
  const [row] = await ask<{
    name: string;
    password_hash: string;
    totp_secret: Buffer;
    totp_key: string;
    totp_step: string;
  }>(
    `select name, password_hash, totp_secret, totp_key, totp_step::text from operator_account where name = $1 and disabled_at is null`,
    [name],
  );
  if (row === undefined) return null;
  const codeSecret = { keyId: row.totp_key, box: row.totp_secret };
  return { name: row.name, passwordHash: row.password_hash, codeSecret, codeStep: Number(row.totp_step) };
}

/** Takes a half minute's code for an operator. False when it, or a later one, was taken before: no code counts twice. */
export async function takeCodeStep(name: string, step: number): Promise<boolean> {
  const rows = await ask(
    'update operator_account set totp_step = $2 where name = $1 and totp_step < $2 returning 1 as one',
    [name, step],
  );
  return rows.length === 1;
}

/** Keeps an operator's secret sealed under another key. */
export async function writeCodeSecret(name: string, sealed: PlatformSealed): Promise<void> {
  await ask('update operator_account set totp_secret = $2, totp_key = $3 where name = $1', [
    name,
    sealed.box,
    sealed.keyId,
  ]);
}

/** Seals operators' secrets under the newest key-encryption key. Answers how many were not. Safe to repeat. */
export async function rewrapCodeSecrets(): Promise<number> {
  const rows = await ask<{ name: string; totp_secret: Buffer; totp_key: string }>(
    'select name, totp_secret, totp_key from operator_account where totp_key <> $1 and totp_key = any($2) order by name',
    [newestKeyEncryptionKey().id, keyEncryptionKeys().map(({ id }) => id)],
  );
  for (const row of rows) {
    const secret = openForPlatform(codePlace(row.name), { keyId: row.totp_key, box: row.totp_secret });
    await writeCodeSecret(row.name, sealForPlatform(codePlace(row.name), secret));
  }
  return rows.length;
}

/** The secrets that are sealed under another key than this one; a few at a time, in the order of names. */
export async function listCodeSecretsNotUnder(
  keyId: string,
  limit: number,
): Promise<{ name: string; codeSecret: PlatformSealed }[]> {
  const rows = await ask<{ name: string; totp_secret: Buffer; totp_key: string }>(
    'select name, totp_secret, totp_key from operator_account where totp_key <> $1 order by name limit $2',
    [keyId, limit],
  );
  return rows.map((row) => ({ name: row.name, codeSecret: { keyId: row.totp_key, box: row.totp_secret } }));
}

/** Shuts an operator out, sessions included. False when there is no such operator. */
export async function disableOperatorRow(name: string, at: Date): Promise<boolean> {
  const rows = await ask(
    'update operator_account set disabled_at = coalesce(disabled_at, $2) where name = $1 returning 1 as one',
    [name, at],
  );
  await ask('delete from operator_session where operator = $1', [name]);
  return rows.length === 1;
}

/** Opens a session and forgets those that have ended. */
export async function insertOperatorSession(session: {
  idHash: Buffer;
  operator: string;
  at: Date;
  expiresAt: Date;
}): Promise<void> {
  await ask('delete from operator_session where expires_at < $1', [session.at]);
  await ask('insert into operator_session (id_hash, operator, created_at, expires_at) values ($1, $2, $3, $4)', [
    session.idHash,
    session.operator,
    session.at,
    session.expiresAt,
  ]);
  await ask('update operator_account set signed_in_at = $2 where name = $1', [session.operator, session.at]);
}

/** The operator of a session that goes on, or null. */
export async function findSessionOperator(idHash: Buffer, at: Date): Promise<string | null> {
  const [row] = await ask<{ operator: string }>(
    `select s.operator from operator_session s join operator_account a on a.name = s.operator
     where s.id_hash = $1 and s.expires_at > $2 and a.disabled_at is null`,
    [idHash, at],
  );
  return row?.operator ?? null;
}

/** Ends a session. Safe to repeat. */
export async function deleteOperatorSession(idHash: Buffer): Promise<void> {
  await ask('delete from operator_session where id_hash = $1', [idHash]);
}

/** Writes down what an operator did that belongs to no single shop. */
export async function recordOperator(record: {
  operator: string;
  action: string;
  object: string | null;
  at: Date;
}): Promise<void> {
  await ask('insert into operator_record (operator, action, object, at) values ($1, $2, $3, $4)', [
    record.operator,
    record.action,
    record.object,
    record.at,
  ]);
}
