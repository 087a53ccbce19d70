/**
 * The barcode on a Google card that changes every half minute: `L2.<id>.<seconds>.<number>`. Like the fixed one it says who,
 * never what they may have; unlike it, a picture of it is worth nothing a minute later. Numbers are RFC 6238's.
 */

export const rotatingPeriodMs = 30_000;
/** Google works out the number with a key of so many bytes. */
export const rotatingKeyBytes = 20;
const digits = 8;
const codePattern = /^L2\.([A-Za-z0-9_-]{22})\.(\d{10})\.(\d{8})$/;

/** In the words of the Google Wallet API. */
export type RotatingBarcode = {
  type: 'QR_CODE';
  valuePattern: string;
  /** What stands under it. */
  alternateText?: string;
  totpDetails: {
    algorithm: 'TOTP_SHA1';
    periodMillis: string;
    parameters: { key: string; valueLength: number }[];
  };
};

/** What Google is told once, so that the phone makes every later code by itself. */
export function toRotatingBarcode(cardId: string, key: Uint8Array): RotatingBarcode {
  return {
    type: 'QR_CODE',
    valuePattern: `L2.${cardId}.{totp_timestamp_seconds}.{totp_value_0}`,
    totpDetails: {
      algorithm: 'TOTP_SHA1',
      periodMillis: String(rotatingPeriodMs),
      parameters: [{ key: hexOf(key), valueLength: digits }],
    },
  };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export type RotatingCode = {
  cardId: string;
  /** The half minute the code says it is of, counted from 1970. */
  step: number;
  number: string;
};

/** Reads a scanned text; null when it is not a changing code of ours. The number is *not* checked here. */
export function parseRotatingCode(text: string): RotatingCode | null {
  const [, cardId, seconds, number] = codePattern.exec(text) ?? [];
  if (cardId === undefined || seconds === undefined || number === undefined) return null;
  return { cardId, step: stepAt(new Date(Number(seconds) * 1_000)), number };
}

/** The half minute of an instant. */
export function stepAt(at: Date): number {
  return Math.floor(at.getTime() / rotatingPeriodMs);
}

/** The text of a code, as a phone writes it from what Google was told. */
export function formatRotatingCode({ cardId, step, number }: RotatingCode): string {
  return `L2.${cardId}.${String((step * rotatingPeriodMs) / 1_000)}.${number}`;
}

/** Computes an HMAC-SHA1 with the card's key. */
export type Sha1MacOf = (message: Uint8Array) => Uint8Array;

/** The number of a half minute, with leading zeros (RFC 4226, 5.3, over RFC 6238's counter). */
export function numberOf(step: number, macOf: Sha1MacOf): string {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const bytes = macOf(new Uint8Array(counter.buffer));
  const mac = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = mac.getUint8(mac.byteLength - 1) & 0x0f;
  const value = mac.getUint32(offset) & 0x7f_ff_ff_ff;
  return String(value % 10 ** digits).padStart(digits, '0');
}
