/** One-time codes of an authenticator app (RFC 6238): six digits, a new one every half minute. By the real clock. */
import { Secret, TOTP } from 'otpauth';

const periodSeconds = 30;
/** A code is good for its own half minute: none of an earlier or a later one counts. */
const toleranceSteps = 0;

const totpOf = (secret: string, label = 'operator') =>
  new TOTP({ issuer: 'Stampwell', label, secret: Secret.fromBase32(secret), digits: 6, period: periodSeconds });

/** A new secret of 160 bits, as authenticator apps read it. */
export function newCodeSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The address that an authenticator app reads from a QR code. */
export function codeAddress(secret: string, label: string): string {
  return totpOf(secret, label).toString();
}

/** The half minute of `at` when the code is the one of it, or null. A caller keeps it: no code counts twice. */
export function stepOfCode(secret: string, code: string, at: Date): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: at.getTime(), window: toleranceSteps });
  return delta === null ? null : Math.floor(at.getTime() / 1000 / periodSeconds);
}
