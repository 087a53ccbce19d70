/** Session tokens the way Shopify makes them: HS256 with the app's secret, one minute of life. */
import { randomUUID } from 'node:crypto';

import { jwtVerify, SignJWT } from 'jose';

export type AppIdentity = { apiKey: string; apiSecret: string };

export type SessionTokenOverrides = {
  audience?: string;
  issuer?: string;
  destination?: string;
  subject?: string;
  lifetimeS?: number;
  notBeforeS?: number;
  secret?: string;
};

/** Makes a session token for a shop. The overrides are for tests that need a wrong one. */
export function mintSessionToken(
  app: AppIdentity,
  shop: string,
  overrides: SessionTokenOverrides = {},
): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  return new SignJWT({ dest: overrides.destination ?? `https://${shop}`, sid: randomUUID().replaceAll('-', '') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(overrides.issuer ?? `https://${shop}/admin`)
    .setAudience(overrides.audience ?? app.apiKey)
    .setSubject(overrides.subject ?? '902541635')
    .setIssuedAt(nowS)
    .setNotBefore(nowS + (overrides.notBeforeS ?? 0))
    .setExpirationTime(nowS + (overrides.lifetimeS ?? 60))
    .setJti(randomUUID())
    .sign(new TextEncoder().encode(overrides.secret ?? app.apiSecret));
}

/** The token of a checkout page: no issuer, the bare domain, and a subject only when the shopper is logged in. */
export function mintShopperToken(app: AppIdentity, shop: string, customerId: number | null): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ dest: shop })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setAudience(app.apiKey)
    .setIssuedAt(nowS)
    .setNotBefore(nowS)
    .setExpirationTime(nowS + 60)
    .setJti(randomUUID());
  if (customerId !== null) token.setSubject(`gid://shopify/Customer/${customerId}`);
  return token.sign(new TextEncoder().encode(app.apiSecret));
}

/** Whether Shopify would take this token in an exchange for this shop. */
export async function isSessionTokenGood(app: AppIdentity, shop: string, token: string): Promise<boolean> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(app.apiSecret), {
      algorithms: ['HS256'],
      audience: app.apiKey,
      clockTolerance: 10,
    });
    return payload['dest'] === `https://${shop}`;
  } catch {
    return false;
  }
}
