/** The shop decides what is watched, what is done about it, and who hears of it. */
import { randomBytes } from 'node:crypto';

import { appendAudit } from '#app/data/privacy/chains.ts';
import { readAlertTargets, readSecuritySettings, writeSecuritySettings } from '#app/data/security/settings.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { SecuritySettings } from '#app/domain/security/detectors.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type SaveSecuritySettings = {
  shopId: ShopId;
  actor: string;
  settings: SecuritySettings;
  /** Null: alerts go to no webhook. */
  alertUrl: string | null;
  alertEmail: string | null;
};

const secretBytes = 32;
const textMax = 500;
const emailPattern = /^[^\s,;:<>()"\\]{1,64}@[^\s,;:<>()"\\]{1,253}$/;

/**
 * Saves all of it. `newSecret` is the secret that signs alerts, told once when there is a new address. Safe to repeat.
 * Throws `InvalidInput` that names the field.
 */
export async function saveSecuritySettings(asked: SaveSecuritySettings): Promise<{ newSecret: string | null }> {
  const { shopId, actor, settings, alertUrl, alertEmail } = asked;
  if (alertUrl !== null && !isHttps(alertUrl))
    throw refusal('alertUrl', 'Use an address that begins with https:// and names no user, password or port.');
  if (alertEmail !== null && !emailPattern.test(alertEmail)) throw refusal('alertEmail', 'This is no e-mail address.');
  return withShop(shopId, async (tx) => {
    const before = { settings: await readSecuritySettings(tx), ...(await readAlertTargets(tx)) };
    const isSame = before.url === alertUrl && before.secret !== null;
    const newSecret = alertUrl === null || isSame ? null : `whsec_${randomBytes(secretBytes).toString('base64')}`;
    const alerts = {
      url: alertUrl,
      secret: alertUrl === null ? null : (newSecret ?? before.secret),
      email: alertEmail,
    };
    const at = now();
    await writeSecuritySettings(tx, { settings, alerts, actor, at });
    await appendAudit(tx, {
      actor,
      action: 'security.settings',
      object: 'shop',
      // A plain hash would tell an address to whoever guesses it: only whether there is one counts here.
      beforeHash: fingerprint(shown(before)),
      afterHash: fingerprint(shown({ settings, ...alerts })),
      reason: null,
      occurredAt: at,
    });
    return { newSecret };
  });
}

function shown({ settings, url, email }: { settings: SecuritySettings; url: string | null; email: string | null }) {
  return { settings, hasUrl: url !== null, hasEmail: email !== null };
}

function isHttps(text: string): boolean {
  if (text.length > textMax || !URL.canParse(text)) return false;
  const { protocol, username, password, port } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' && port === '';
}

function refusal(path: string, message: string): InvalidInput {
  return new InvalidInput('security-settings', `Security settings were refused: ${path}`, {
    publicMessage: message,
    issues: [{ path, message }],
  });
}
