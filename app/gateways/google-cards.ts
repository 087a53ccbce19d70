/** Members' cards as Google objects, and designs as Google classes. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { type GoogleLoyaltyClass, toGoogleClass, toGoogleObject } from '#app/domain/cards/google-pass.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { toRotatingBarcode } from '#app/domain/cards/rotating-code.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { GoogleWallet, SentObject } from '#app/gateways/google-wallet.ts';
import { appUrl } from '#app/lib/env.ts';

export type GoogleProgram = {
  programId: string;
  document: ProgramDocument;
  design: { number: number; design: CardDesign };
};

const classLocale = 'en';

/** Two designs of a program may be on cards at the same time, so each has a class. */
function classIdOf({ issuerId }: GoogleWallet, programId: string, designNumber: number): string {
  return `${issuerId}.program_${programId.replaceAll('-', '')}_${designNumber}`;
}

const objectIdOf = ({ issuerId }: GoogleWallet, serial: string) => `${issuerId}.${serial}`;

const namesPattern =
  /^(?<issuerId>\d+)\.program_(?<program>[0-9a-f]{32})_(?<design>\d{1,9}) (?<objectIssuer>\d+)\.(?<serial>[A-Za-z0-9_-]{22})$/;

export type GoogleNames = { issuerId: string; programId: string; designNumber: number; serial: string };

/** What a class and an object of ours are about, by their names; null when they are not ours or not of one issuer. */
export function readGoogleNames({ classId, objectId }: { classId: string; objectId: string }): GoogleNames | null {
  const names = namesPattern.exec(`${classId} ${objectId}`)?.groups;
  const { issuerId = '', program = '', design = '', objectIssuer, serial = '' } = names ?? {};
  if (names === undefined || issuerId !== objectIssuer) return null;
  const programId = program.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { issuerId, programId, designNumber: Number(design), serial };
}

/** A design's class as Google should hold it. */
export function googleClassOf(
  google: GoogleWallet,
  { programId, document, design }: GoogleProgram,
): GoogleLoyaltyClass {
  return toGoogleClass({
    classId: classIdOf(google, programId, design.number),
    design: design.design,
    programName: document.name,
    locale: classLocale,
    logoUrl: `${appUrl()}/images/${programId}/${design.number}/logo.png`,
    callbackUrl: `${appUrl()}/wallet/google/callback`,
  });
}

export type GoogleCard = GoogleProgram & {
  serial: string;
  content: PassContent;
  /** What the card's changing barcode is made with; null for a fixed one. */
  rotating: { cardId: string; key: Buffer } | null;
};

/** Creates a member's object, or changes it when it exists: for a card that may be new to Google. Safe to repeat. */
export async function insertObject(google: GoogleWallet, card: GoogleCard): Promise<void> {
  await google.upsertObject(objectOf(google, card));
}

/** Changes a member's object, or creates it when Google has none. Safe to repeat. */
export async function changeObject(
  google: GoogleWallet,
  card: GoogleCard,
  { isNotifying }: { isNotifying: boolean },
): Promise<void> {
  await google.patchObject(objectOf(google, card), { isNotifying });
}

function objectOf(google: GoogleWallet, card: GoogleCard): SentObject {
  const object = plainObjectOf(google, card);
  if (card.rotating === null || card.content.isVoid) return object;
  // Where both are given Google may fall back to the fixed one, which a picture can copy.
  const { barcode: { alternateText } = {}, ...withoutBarcode } = object;
  const rotating = toRotatingBarcode(card.rotating.cardId, card.rotating.key);
  return {
    ...withoutBarcode,
    rotatingBarcode: alternateText === undefined ? rotating : { ...rotating, alternateText },
  };
}

function plainObjectOf(google: GoogleWallet, card: GoogleCard) {
  return toGoogleObject(card.content, {
    objectId: objectIdOf(google, card.serial),
    classId: classIdOf(google, card.programId, card.design.number),
    heroUrl: heroUrlOf(card),
  });
}

/** The stamps, or the design's picture on a card without any. */
function heroUrlOf({ programId, design, content: { stamps } }: Pick<GoogleCard, 'programId' | 'design' | 'content'>) {
  const base = `${appUrl()}/images/${programId}/${design.number}/hero`;
  if (stamps === null) return design.design.stripImage === null ? null : `${base}.png`;
  return `${base}/${stamps.needed}/${stamps.collected}.png`;
}

/** Blanks a member's object for good. Safe to repeat. */
export async function blankObject(
  google: GoogleWallet,
  card: { programId: string; designNumber: number; serial: string },
): Promise<void> {
  await google.expireObject({
    objectId: objectIdOf(google, card.serial),
    classId: classIdOf(google, card.programId, card.designNumber),
  });
}

/** The address of the save button for a member's object that Google has. */
export async function saveLinkOf(google: GoogleWallet, serial: string): Promise<string> {
  return google.saveLink([objectIdOf(google, serial)]);
}

/**
 * The address of a save button that brings the member's object along, without any call. It has the fixed barcode: whoever
 * holds the link can read it, and the key of a changing one is nobody's to read.
 */
export async function fullSaveLinkOf(google: GoogleWallet, card: GoogleCard): Promise<string> {
  return google.fullSaveLink(plainObjectOf(google, card));
}
