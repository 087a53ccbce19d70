/**
 * Secrets that come as files, as vaults and orchestrators mount them: `NAME_FILE` names a file that holds what `NAME` would.
 * What stands in a file is in no list of processes, no crash report and no child's environment.
 */
import { readFileSync } from 'node:fs';

const secretNames = ['DATABASE_URL', 'SHOPIFY_API_SECRET', 'KEY_ENCRYPTION_KEYS', 'SMTP_URL'] as const;

/** The environment with the secrets of files in it, and what is wrong with those that cannot be had, by their names. */
export function withSecretFiles(source: NodeJS.ProcessEnv): { values: NodeJS.ProcessEnv; problems: string[] } {
  const values = { ...source };
  const problems: string[] = [];
  for (const name of secretNames) {
    const file = source[`${name}_FILE`];
    if (file === undefined || file === '') continue;
    const value = source[name] === undefined || source[name] === '' ? readSecret(file) : null;
    if (value === null) problems.push(`${name}_FILE: ${name} is set as well`);
    else if (value === '') problems.push(`${name}_FILE: the file ${file} cannot be read, or is empty`);
    else values[name] = value;
  }
  return { values, problems };
}

/** Without the line end that editors leave; empty when there is nothing to be had. */
function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
