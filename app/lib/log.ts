/**
 * Structured logs from an allow-list: what is not named here never reaches a log line. There are two streams: what the product
 * does goes to standard output, what concerns security goes to a file of its own or, without one, to standard error.
 */
import { openSync, writeSync } from 'node:fs';

import { pino } from 'pino';

/** Fields a log line may carry: opaque ids, counts, durations and codes; never names, addresses or bodies. */
export type LogFields = {
  shopId?: string;
  /** Who acts, by an id: `staff:…`, `api:…`, as in the audit log. */
  actor?: string;
  memberId?: string;
  passId?: string;
  orderId?: string;
  caseId?: string;
  deliveryId?: string;
  job?: string;
  topic?: string;
  code?: string;
  status?: number;
  route?: string;
  method?: string;
  durationMs?: number;
  count?: number;
  attempt?: number;
  port?: number;
  url?: string;
  /** For failures: name, code and stack are kept, the message only for our own failures. */
  error?: unknown;
};

const allowed = [
  'shopId', 'actor', 'memberId', 'passId', 'orderId', 'caseId', 'deliveryId', 'job', 'topic', 'code', 'status', 'route',
  'method', 'durationMs', 'count', 'attempt', 'port', 'url',
] as const; // prettier-ignore

/** What a line on security may carry: who and where by ids, and why by a code. A subset of the above, without words of errors. */
const allowedInSecurity = ['shopId', 'actor', 'memberId', 'route', 'method', 'status', 'code'] as const;

type SecurityFields = Pick<LogFields, (typeof allowedInSecurity)[number]> & { code: string };

// Whoever reads our lines may end before us. Pino's own writer would then try for ever, and keep a process that wants to
// end from ending; Node's stream lets the lines go.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** A level that does not exist is told, with its variable's name, by whoever reads the environment. */
const level = process.env['LOG_LEVEL'] ?? 'info';

const logger = pino(
  {
    level: level in pino.levels.values || level === 'silent' ? level : 'info',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  },
  process.stdout,
);

/** The file of the stream on security; null without one, and where it cannot be opened, which the environment's reader tells. */
function openSecurityFile(): number | null {
  const file = process.env['SECURITY_LOG_FILE'] ?? '';
  try {
    return file === '' ? null : openSync(file, 'a', 0o600);
  } catch {
    return null;
  }
}

const securityFile = openSecurityFile();

/** A line that finds no room in its file is not lost, and does not end the process either. */
function writeSecurityLine(line: string): void {
  try {
    if (securityFile === null) process.stderr.write(line);
    else writeSync(securityFile, line);
  } catch {
    process.stderr.write(line);
  }
}

/** Whoever asks for errors only does not thereby ask to hear nothing of attacks: the level here is one, unless all is silent. */
const securityLogger = pino(
  {
    level: level === 'silent' ? 'silent' : 'info',
    base: { stream: 'security' },
    timestamp: pino.stdTimeFunctions.isoTime,
  },
  { write: writeSecurityLine },
);

function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  // Messages of libraries may quote data (PostgreSQL quotes values); ours never do.
  const isOurs = 'publicMessage' in error || error.message.startsWith('Broken invariant');
  const frames = error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8);
  const cause = error.cause instanceof Error ? describeError(error.cause) : undefined;
  return { name: error.name, code, message: isOurs ? error.message : undefined, frames, cause };
}

function chosen<Key extends string>(
  fields: { [key in Key]?: unknown },
  names: readonly Key[],
): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

function pick(fields: LogFields): Record<string, unknown> {
  const line = chosen(fields, allowed);
  if (fields.error !== undefined) line['error'] = describeError(fields.error);
  return line;
}

/** What whoever watches for attacks looks for: who showed who they are, or could not, and who was turned away. No other words. */
type SecurityEvent = 'authentication passed' | 'authentication failed' | 'access refused';

export const log = {
  debug: (message: string, fields: LogFields = {}): void => logger.debug(pick(fields), message),
  info: (message: string, fields: LogFields = {}): void => logger.info(pick(fields), message),
  warn: (message: string, fields: LogFields = {}): void => logger.warn(pick(fields), message),
  error: (message: string, fields: LogFields = {}): void => logger.error(pick(fields), message),
  /** `code` says by what somebody showed who they are, or why they were turned away. Goes to the stream of its own. */
  security: (event: SecurityEvent, fields: SecurityFields): void =>
    securityLogger[event === 'authentication passed' ? 'info' : 'warn'](chosen(fields, allowedInSecurity), event),
};
