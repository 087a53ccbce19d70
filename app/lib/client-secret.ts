/**
 * Credentials of API clients. A secret carries its environment and a checksum, so that a mistyped one is told apart from
 * a wrong one without the cost of a password hash, and a leaked one is easy to scan for.
 */
import { createHash, randomInt } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 20;
const randomLength = 43;
const checksumLength = 6;
/** Of the 43 random characters; the other 35 are 208 bits that nobody is shown again. */
const openLength = 8;
const secretPattern = /^(sws_[a-z]{1,12}_[0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;
const secretsAnywhere = /sws_[a-z]{1,12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}/g;
const clientIdPattern = /^swc_[0-9A-Za-z]{20}$/;

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

function checksumOf(body: string): string {
  let number = createHash('sha256').update(body).digest().readUIntBE(0, 6);
  let text = '';
  while (text.length < checksumLength) {
    text += alphabet.charAt(number % alphabet.length);
    number = Math.floor(number / alphabet.length);
  }
  return text;
}

/** A new public client id. */
export function newClientId(): string {
  return `swc_${randomText(idLength)}`;
}

/** A new secret of 256 bits. It is shown once and never stored. */
export function newClientSecret(environment: string): string {
  const body = `sws_${environment}_${randomText(randomLength)}`;
  return `${body}_${checksumOf(body)}`;
}

/** The open beginning of a secret: tells nothing of the rest, but people and scanners know it by it. */
export function secretPrefixOf(secret: string): string {
  const [company = '', environment = '', random = ''] = secret.split('_');
  return `${company}_${environment}_${random.slice(0, openLength)}`;
}

/** Whether a secret was made for this environment: one of another system is no secret here. */
export function isSecretFor(secret: string, environment: string): boolean {
  return secret.startsWith(`sws_${environment}_`);
}

/** Every secret of ours that stands in a text, right checksum included. */
export function findClientSecrets(text: string): string[] {
  return (text.match(secretsAnywhere) ?? []).filter(isClientSecret);
}

/** Whether a text has the form of our client ids. */
export function isClientId(text: string): boolean {
  return clientIdPattern.test(text);
}

/** Whether a text could be a secret of ours: right form and right checksum. It says nothing about whose. */
export function isClientSecret(text: string): boolean {
  const match = secretPattern.exec(text);
  return match !== null && match[1] !== undefined && checksumOf(match[1]) === match[2];
}
