/**
 * The connection to PostgreSQL. Only `data/tenancy.ts` and `data/directory.ts` use it: everything else goes through
 * `withShop`. The pool takes on one of our own roles at connect time, so row-level security and the missing
 * grants hold even when the login could do more.
 */
import pg from 'pg';

import { invariant, Unavailable } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';

export type DatabaseRole = 'stampwell_web' | 'stampwell_worker';

const limits = {
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  statementTimeoutMs: 30_000,
  /** Only a PostgreSQL that hangs, or a network that swallows, does not end a statement itself by then. */
  answerTimeoutMs: 35_000,
  idleInTransactionMs: 60_000,
};

const int8 = 20;

/** Amounts are bigint in SQL and safe integers here; ids are cast to text where they are read. */
function parseInt8(text: string): number {
  const value = Number(text);
  invariant(Number.isSafeInteger(value), 'an amount is beyond 2^53');
  return value;
}

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? parseInt8 : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

let open: { pool: pg.Pool; locks: pg.Pool } | undefined;

/** Session locks are held over network calls: their connections are apart, so that holders never starve the work. */
const lockConnectionsMax = 4;

/** Opens this process's connections. Repeating it without closing first is a bug. */
export function openDatabase(options: { url: string; role: DatabaseRole; connectionsMax: number }): void {
  invariant(open === undefined, 'the database is already open');
  open = { pool: createPool(options), locks: createPool({ ...options, connectionsMax: lockConnectionsMax }) };
}

function createPool(options: { url: string; role: DatabaseRole; connectionsMax: number }): pg.Pool {
  const created = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    idleTimeoutMillis: limits.idleTimeoutMs,
    application_name: options.role,
    types,
    // A person waits for the web; the worker may queue what is slow on one connection, and waiting there counts as well.
    ...(options.role === 'stampwell_web' && { query_timeout: limits.answerTimeoutMs }),
    options: `-c role=${options.role} -c statement_timeout=${limits.statementTimeoutMs} -c idle_in_transaction_session_timeout=${limits.idleInTransactionMs} -c timezone=UTC`,
  });
  // A connection lost while idle is replaced at the next use; the one waiting for it gets the error.
  created.on('error', (error) => log.warn('an idle database connection was lost', { error }));
  // One lost while in use says so in the statement that needed it; unheard, the same error would end the process.
  created.on('connect', (client) => client.on('error', () => undefined));
  return created;
}

/** Closes the pool after the last query in flight. Safe to repeat. */
export async function closeDatabase(): Promise<void> {
  const closing = open;
  open = undefined;
  await Promise.all([closing?.pool.end(), closing?.locks.end()]);
}

/** The process's pool. */
export function pool(): pg.Pool {
  invariant(open !== undefined, 'the database is not open');
  return open.pool;
}

/** The connections for session locks. */
export function lockPool(): pg.Pool {
  invariant(open !== undefined, 'the database is not open');
  return open.locks;
}

const statementNames = new Map<string, string>();
const statementsMax = 2_000;

/** Gives each distinct statement a name, so that PostgreSQL parses and plans it once per connection. */
export function prepared(text: string, values: unknown[]): pg.QueryConfig {
  let name = statementNames.get(text);
  if (name === undefined) {
    // Statement texts are constants of this code base; the bound only guards against someone building them.
    invariant(statementNames.size < statementsMax, 'statement texts must be constants');
    name = `s${statementNames.size}`;
    statementNames.set(text, name);
  }
  return { name, text, values };
}

const connectionCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether PostgreSQL asks to run the same transaction again (deadlock or serialization failure). */
export function isWorthRepeating(error: unknown): boolean {
  return ['40001', '40P01', '55P03'].includes(codeOf(error));
}

/** Turns a lost or refused connection into `Unavailable`; anything else stays what it is. */
export function describeDatabaseError(error: unknown): unknown {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  // Classes 08, 53 and 57: connection, resources, operator intervention (shutdown, crash, start-up).
  const isLost =
    connectionCodes.has(code) ||
    /^(08|53|57)/.test(code) ||
    /Connection terminated|timeout exceeded when trying|not queryable|Query read timeout/.test(message);
  return isLost ? new Unavailable('database-unavailable', 'The database is not answering', { cause: error }) : error;
}

/** Whether an error is a violated unique constraint of this name. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return (
    codeOf(error) === '23505' && error instanceof Error && 'constraint' in error && error.constraint === constraint
  );
}
