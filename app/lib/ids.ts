/** Identifiers. Branded, so that a shop id cannot be passed for a member id. */
import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type ShopId = Branded<'shop'>;
export type ProgramId = Branded<'program'>;
export type RuleVersionId = Branded<'rule-version'>;
export type MemberId = Branded<'member'>;
export type PassId = Branded<'pass'>;
export type ReservationId = Branded<'reservation'>;
export type CaseId = Branded<'case'>;
export type ReferralId = Branded<'referral'>;
export type CampaignId = Branded<'campaign'>;
export type IncidentId = Branded<'incident'>;
export type DecisionId = Branded<'decision'>;
export type ControlId = Branded<'control'>;

/** A new UUID version 7: random, and ordered by time so that indexes stay dense. */
export function newId<Id extends string>(): Id {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id;
}

/** A random, URL-safe serial of 22 characters (132 bits). */
export function newSerial(): string {
  return randomBytes(17).toString('base64url').slice(0, 22);
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text from outside has the form of our ids; what does not is never sent to the database. */
export function isId(text: string): boolean {
  return uuidPattern.test(text);
}
