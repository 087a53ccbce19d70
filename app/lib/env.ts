/** The environment, parsed once. A missing or malformed variable stops the start with its name. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import { z } from 'zod';

import { sealingAlgorithms } from '#app/lib/sealed-box.ts';
import { withSecretFiles } from '#app/lib/secret-files.ts';

const listSchema = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part.length > 0),
  )
  .pipe(z.array(z.string()).min(1));

/** A key-encryption key as the environment holds it: in the open, or wrapped by a key management service. */
export type KeyEntry =
  { id: string; bytes: Buffer } | { id: string; service: 'aws-kms' | 'google-kms'; name: string; wrapped: Buffer };

const wrappedKeyPattern = /^(aws-kms|google-kms):([^#\s]{1,512})#([A-Za-z0-9+/]+={0,2})$/;

const keySchema = z.string().transform((text, context): KeyEntry => {
  const [id, material] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  const [, service, name, wrapped] = wrappedKeyPattern.exec(material) ?? [];
  const isNamed = /^[a-z0-9-]{1,16}$/.test(id);
  if (isNamed && (service === 'aws-kms' || service === 'google-kms') && name !== undefined && wrapped !== undefined)
    return { id, service, name, wrapped: Buffer.from(wrapped, 'base64') };
  const bytes = Buffer.from(material, 'base64');
  if (!isNamed || bytes.length !== 32) {
    context.addIssue({
      code: 'custom',
      message:
        'each key is "id:base64" with an id of a-z, 0-9, - and 32 bytes, or "id:aws-kms:ARN#ciphertext" or "id:google-kms:NAME#ciphertext"',
    });
    return z.NEVER;
  }
  return { id, bytes };
});

const keyListSchema = listSchema
  .pipe(z.array(keySchema).min(1))
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'two keys have one id');

const fileSchema = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    context.addIssue({ code: 'custom', message: `the file ${path} cannot be read` });
    return z.NEVER;
  }
});

/** A file that lines can be added to; it is made, for its owner alone, where there is none. */
const appendableFileSchema = z.string().refine((path) => {
  try {
    closeSync(openSync(path, 'a', 0o600));
    return true;
  } catch {
    return false;
  }
}, 'cannot be written to');

const environmentSchema = z.object({
  STAMPWELL_ENV: z.enum(['production', 'staging', 'demo', 'test']).default('production'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  APP_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** PEM files with which the web process speaks TLS itself; absent, a proxy does. */
  TLS_CERTIFICATE_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  /** Where phones reach the wallet web service, when that differs from APP_URL (Apple demands https). */
  WALLET_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  SHOPIFY_API_KEY: z.string().min(1),
  SHOPIFY_API_SECRET: listSchema,
  KEY_ENCRYPTION_KEYS: keyListSchema,
  /** What new data keys seal with; those there are keep theirs until they are rotated. */
  SEALING_ALGORITHM: z.enum(sealingAlgorithms).default('aes-256-gcm'),
  /** Other addresses of the key management services; without them, the vendors' own. */
  AWS_KMS_URL: z.url({ protocol: /^https?$/ }).optional(),
  GOOGLE_KMS_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLATFORM_URL: z.url({ protocol: /^https?$/ }).optional(),
  APNS_URL: z.url({ protocol: /^https?$/ }).optional(),
  GOOGLE_WALLET_URL: z.url({ protocol: /^https?$/ }).optional(),
  APPLE_PASS_CERTIFICATE_FILE: fileSchema.optional(),
  APPLE_PASS_KEY_FILE: fileSchema.optional(),
  APPLE_WWDR_CERTIFICATE_FILE: fileSchema.optional(),
  /** How many fetches of passes a second all web processes together can stand: bulk wakes no more phones than that. */
  PASS_FETCHES_PER_SECOND: z.coerce.number().int().min(1).max(1_000_000).default(300),
  GOOGLE_SERVICE_ACCOUNT_FILE: fileSchema.optional(),
  GOOGLE_ISSUER_ID: z
    .string()
    .regex(/^\d{1,32}$/)
    .optional(),
  /** The companies that handle data for this installation besides those the product itself needs, as JSON. */
  SUB_PROCESSORS_FILE: fileSchema.optional(),
  /** Where security researchers write to; absent, they find the form. */
  SECURITY_CONTACT: z
    .string()
    .regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/)
    .optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Who mail to shoppers comes from, as `Name <address>` or an address alone. Absent: no-reply at the host of APP_URL. */
  MAIL_FROM: z.string().max(320).optional(),
  BACKUP_DIRECTORY: z.string().optional(),
  /** Who was erased, kept apart from database and backups: on storage that survives both and that all workers share. */
  ERASURE_DIRECTORY: z.string().optional(),
  /** A backup that is older is deleted. */
  BACKUP_DAYS_MAX: z.coerce.number().int().min(1).max(90).default(90),
  /** How many standbys of the database should follow it, and how far behind they may be. */
  STANDBYS_EXPECTED: z.coerce.number().int().min(0).max(16).default(0),
  REPLICATION_LAG_SECONDS_MAX: z.coerce.number().min(0.1).max(3_600).default(30),
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(8).default(0),
  /** Whether what lies between proxy and processes encrypts by itself: a service mesh, WireGuard, an overlay of the platform. */
  INNER_NETWORK_ENCRYPTED: z.stringbool().default(false),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Where lines on security go, apart from all others; absent: to standard error. */
  SECURITY_LOG_FILE: appendableFileSchema.optional(),
  /** Where the platform's operators look in: a port of its own, closed unless set, on loopback unless told otherwise. */
  OPERATOR_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  OPERATOR_HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});

export type Environment = z.infer<typeof environmentSchema> & { isTestClockAllowed: boolean };

const loopbackNames = new Set(['localhost', '::1', '[::1]']);

const isLoopbackHost = (host: string) => loopbackNames.has(host) || (isIP(host) === 4 && host.startsWith('127.'));
const isLoopback = (url: string) => isLoopbackHost(new URL(url).hostname);

/**
 * Without TLS of its own a process is reached from this machine alone, unless somebody says that a proxy ends TLS and that the
 * way from there encrypts by itself: nothing is in the clear on any network.
 */
function listeningWeaknesses(environment: z.infer<typeof environmentSchema>): string[] {
  const { TLS_CERTIFICATE_FILE, TLS_KEY_FILE, APP_URL, STAMPWELL_ENV } = environment;
  if (TLS_CERTIFICATE_FILE !== undefined && TLS_KEY_FILE === undefined)
    return ['TLS_KEY_FILE: required with TLS_CERTIFICATE_FILE'];
  if (TLS_CERTIFICATE_FILE === undefined && TLS_KEY_FILE !== undefined)
    return ['TLS_CERTIFICATE_FILE: required with TLS_KEY_FILE'];
  if (TLS_CERTIFICATE_FILE !== undefined)
    return APP_URL?.startsWith('https:') === true ? [] : ['APP_URL: must be https where TLS_CERTIFICATE_FILE is set'];
  const isCovered = environment.TRUSTED_PROXY_HOPS > 0 && environment.INNER_NETWORK_ENCRYPTED;
  if (STAMPWELL_ENV !== 'production' || isCovered) return [];
  return (['HOST', 'OPERATOR_HOST'] as const)
    .filter((name) => !isLoopbackHost(environment[name]))
    .map(
      (name) =>
        `${name}: must be a loopback address without TLS_CERTIFICATE_FILE, or TRUSTED_PROXY_HOPS and INNER_NETWORK_ENCRYPTED`,
    );
}

/** Keys say in their names which environment they are of; those of another never open anything here. */
function keyWeaknesses(environment: z.infer<typeof environmentSchema>): string[] {
  const isNamed = (pattern: RegExp) => environment.KEY_ENCRYPTION_KEYS.some(({ id }) => pattern.test(id));
  if (environment.STAMPWELL_ENV !== 'production')
    return isNamed(/^(live|prod)/) ? ['KEY_ENCRYPTION_KEYS: keys of production are refused anywhere else'] : [];
  const problems = (['AWS_KMS_URL', 'GOOGLE_KMS_URL', 'APNS_URL', 'GOOGLE_WALLET_URL', 'WALLET_URL'] as const)
    .filter((name) => environment[name]?.startsWith('http:') === true)
    .map((name) => `${name}: must be https in production`);
  if (isNamed(/^(demo|test|staging)/))
    problems.push('KEY_ENCRYPTION_KEYS: keys of a demo, a test or staging are refused in production');
  return problems;
}

function weaknesses(environment: z.infer<typeof environmentSchema>): string[] {
  const problems = [...keyWeaknesses(environment), ...listeningWeaknesses(environment)];
  if (environment.PLATFORM_URL !== undefined && !isLoopback(environment.PLATFORM_URL))
    problems.push('PLATFORM_URL: points to stand-ins and must be a loopback address');
  if (environment.STAMPWELL_ENV !== 'production') return problems;
  if (environment.PLATFORM_URL !== undefined) problems.push('PLATFORM_URL: stand-ins are refused in production');
  for (const name of ['APNS_URL', 'GOOGLE_WALLET_URL'] as const) {
    const url = environment[name];
    if (url !== undefined && isLoopback(url)) problems.push(`${name}: stand-ins are refused in production`);
  }
  if (environment.DATABASE_URL === undefined) problems.push('DATABASE_URL: required in production');
  else if (!/[?&]sslmode=(verify-full|verify-ca|require)/.test(environment.DATABASE_URL))
    problems.push('DATABASE_URL: must demand TLS in production (add sslmode=verify-full)');
  if (environment.APP_URL === undefined) problems.push('APP_URL: required in production');
  else if (!environment.APP_URL.startsWith('https:')) problems.push('APP_URL: must be https in production');
  return problems;
}

/**
 * Reads and checks the environment.
 * Throws an error that names every missing or malformed variable, one per line.
 */
export function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  // An empty variable means "not set": shells and compose files cannot unset.
  const { values, problems: unread } = withSecretFiles(source);
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  const found = parsed.success
    ? weaknesses(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const problems = [...unread, ...found];
  if (problems.length > 0 || !parsed.success)
    throw new Error(`The environment is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  const isTestClockAllowed = parsed.data.STAMPWELL_ENV === 'test' || parsed.data.STAMPWELL_ENV === 'demo';
  return { ...parsed.data, isTestClockAllowed };
}

let cached: Environment | undefined;

/** The environment of this process, parsed at first use. */
export function env(): Environment {
  cached ??= readEnvironment(process.env);
  return cached;
}

/** Where people reach us, without a trailing slash. */
export function appUrl(): string {
  return env().APP_URL ?? `http://${env().HOST}:${env().PORT}`;
}

/** What a card of a system that is not the real one is marked with; null in production. */
export function systemMark(): string | null {
  const { STAMPWELL_ENV: environment } = env();
  return environment === 'production' ? null : environment.toUpperCase();
}

/** Where Apple devices reach the wallet web service, without a trailing slash. */
export function walletUrl(): string {
  return env().WALLET_URL ?? appUrl();
}
