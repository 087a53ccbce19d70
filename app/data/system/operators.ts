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

export type Operator = {
  name: string;
  passwordHash: string;
  /** When a password that was given to them ends; null for one that only they have seen. */
  passwordExpiresAt: Date | null;
  codeSecret: PlatformSealed;
  codeStep: number;
};

export type OperatorSession = { operator: string; createdAt: Date; expiresAt: Date; isFirstPassword: boolean };

/** Where an operator's secret for one-time codes is sealed. */
export const codePlace = (name: string) => ({ table: 'operator_account', column: 'totp_secret', row: name });

/** Adds an account. Throws `Conflict` when the name is taken. */
export async function insertOperator(account: Omit<Operator, 'codeStep'>, at: Date): Promise<void> {
  await pool()
    .query(
      `insert into operator_account (name, password_hash, password_expires_at, totp_secret, totp_key, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        account.name,
        account.passwordHash,
        account.passwordExpiresAt,
        account.codeSecret.box,
        account.codeSecret.keyId,
        at,
      ],
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
    password_expires_at: Date | null;
    totp_secret: Buffer;
    totp_key: string;
    totp_step: string;
  }>(
    `select name, password_hash, password_expires_at, totp_secret, totp_key, totp_step::text from operator_account
     where name = $1 and disabled_at is null`,
    [name],
  );
  if (row === undefined) return null;
  const codeSecret = { keyId: row.totp_key, box: row.totp_secret };
  return {
    name: row.name,
    passwordHash: row.password_hash,
    passwordExpiresAt: row.password_expires_at,
    codeSecret,
    codeStep: Number(row.totp_step),
  };
}

/** Gives an operator a password that does not end. False when it was changed meanwhile. */
export async function writePassword(operator: Operator, passwordHash: string): Promise<boolean> {
  const rows = await ask(
    `update operator_account set password_hash = $3, password_expires_at = null
     where name = $1 and password_hash = $2 and disabled_at is null returning 1 as one`,
    [operator.name, operator.passwordHash, passwordHash],
  );
  return rows.length === 1;
}

/** Gives an operator a first password and a secret for codes anew, and ends their session. False when nobody may sign in by that name. */
export async function writeFirstSecrets(account: Omit<Operator, 'codeStep'>): Promise<boolean> {
  const { name, passwordHash, passwordExpiresAt, codeSecret } = account;
  const rows = await ask(
    `update operator_account set password_hash = $2, password_expires_at = $3, totp_secret = $4, totp_key = $5, totp_step = 0
     where name = $1 and disabled_at is null returning 1 as one`,
    [name, passwordHash, passwordExpiresAt, codeSecret.box, codeSecret.keyId],
  );
  // After the change: whoever signed in with the old ones a moment before is out as well.
  await deleteSessionOf(name);
  return rows.length === 1;
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
  await deleteSessionOf(name);
  return rows.length === 1;
}

/** Opens a session in place of the one the operator may have, and forgets those that have ended. */
export async function putOperatorSession(session: {
  idHash: Buffer;
  operator: string;
  at: Date;
  expiresAt: Date;
}): Promise<void> {
  await ask('delete from operator_session where expires_at < $1', [session.at]);
  await ask(
    `insert into operator_session (id_hash, operator, created_at, seen_at, expires_at) values ($1, $2, $3, $3, $4)
     on conflict (operator) do update
     set id_hash = excluded.id_hash, created_at = excluded.created_at, seen_at = excluded.seen_at, expires_at = excluded.expires_at`,
    [session.idHash, session.operator, session.at, session.expiresAt],
  );
  await ask('update operator_account set signed_in_at = $2 where name = $1', [session.operator, session.at]);
}

/** Lets a session go on under another secret, to the same end. Answers when that is; null when the session has ended. */
export async function renameOperatorSession(idHash: Buffer, newHash: Buffer): Promise<Date | null> {
  const [row] = await ask<{ expires_at: Date }>(
    'update operator_session set id_hash = $2 where id_hash = $1 returning expires_at',
    [idHash, newHash],
  );
  return row?.expires_at ?? null;
}

/** The session that goes on, or null: it ends at its end, and when it was last used before `idleSince`. Using it is noted. */
export async function useOperatorSession(
  idHash: Buffer,
  { at, idleSince }: { at: Date; idleSince: Date },
): Promise<OperatorSession | null> {
  const [row] = await ask<{ operator: string; created_at: Date; expires_at: Date; is_first_password: boolean }>(
    `update operator_session s set seen_at = greatest(s.seen_at, $2) from operator_account a
     where s.id_hash = $1 and s.expires_at > $2 and s.seen_at > $3 and a.name = s.operator and a.disabled_at is null
     returning s.operator, s.created_at, s.expires_at, a.password_expires_at is not null as is_first_password`,
    [idHash, at, idleSince],
  );
  if (row === undefined) return null;
  return {
    operator: row.operator,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    isFirstPassword: row.is_first_password,
  };
}

/** Ends the session of an operator, wherever it is. False when there was none. */
export async function deleteSessionOf(operator: string): Promise<boolean> {
  const rows = await ask('delete from operator_session where operator = $1 returning 1 as one', [operator]);
  return rows.length === 1;
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
