/** The environment, parsed once. A missing or malformed variable stops the start with its name. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import { z } from 'zod';

const listSchema = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part.length > 0),
  )
  .pipe(z.array(z.string()).min(1));

const keySchema = z.string().transform((text, context) => {
  const [id, material] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  const bytes = Buffer.from(material, 'base64');
  if (!/^[a-z0-9-]{1,16}$/.test(id) || bytes.length !== 32) {
    context.addIssue({ code: 'custom', message: 'each key is "id:base64" with an id of a-z, 0-9, - and 32 bytes' });
    return z.NEVER;
  }
  return { id, bytes };
});

const fileSchema = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    context.addIssue({ code: 'custom', message: `the file ${path} cannot be read` });
    return z.NEVER;
  }
});

const environmentSchema = z.object({
  STAMPWELL_ENV: z.enum(['production', 'staging', 'demo', 'test']).default('production'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  APP_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Where phones reach the wallet web service, when that differs from APP_URL (Apple demands https). */
  WALLET_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  SHOPIFY_API_KEY: z.string().min(1),
  SHOPIFY_API_SECRET: listSchema,
  KEY_ENCRYPTION_KEYS: listSchema.pipe(z.array(keySchema).min(1)),
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
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(8).default(0),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
});

export type Environment = z.infer<typeof environmentSchema> & { isTestClockAllowed: boolean };

const loopbackNames = new Set(['localhost', '::1', '[::1]']);

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return loopbackNames.has(hostname) || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

function weaknesses(environment: z.infer<typeof environmentSchema>): string[] {
  const problems: string[] = [];
  if (environment.PLATFORM_URL !== undefined && !isLoopback(environment.PLATFORM_URL))
    problems.push('PLATFORM_URL: points to stand-ins and must be a loopback address');
  if (environment.STAMPWELL_ENV !== 'production') return problems;
  if (environment.PLATFORM_URL !== undefined) problems.push('PLATFORM_URL: stand-ins are refused in production');
  if (environment.DATABASE_URL === undefined) problems.push('DATABASE_URL: required in production');
  else if (!/[?&]sslmode=(verify-full|verify-ca|require)/.test(environment.DATABASE_URL))
    problems.push('DATABASE_URL: must demand TLS in production (add sslmode=verify-full)');
  if (environment.APP_URL === undefined) problems.push('APP_URL: required in production');
  else if (!environment.APP_URL.startsWith('https:')) problems.push('APP_URL: must be https in production');
  if (environment.KEY_ENCRYPTION_KEYS.some((key) => key.id.startsWith('demo')))
    problems.push('KEY_ENCRYPTION_KEYS: demo keys are refused in production');
  return problems;
}

/**
 * Reads and checks the environment.
 * Throws an error that names every missing or malformed variable, one per line.
 */
export function readEnvironment(source: NodeJS.ProcessEnv): Environment {
  // An empty variable means "not set": shells and compose files cannot unset.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  const problems = parsed.success
    ? weaknesses(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
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

/** Where Apple devices reach the wallet web service, without a trailing slash. */
export function walletUrl(): string {
  return env().WALLET_URL ?? appUrl();
}
