/** Members' cards as Google objects, and programs as Google classes. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { toGoogleClass, toGoogleObject } from '#app/domain/cards/google-pass.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { GoogleWallet } from '#app/gateways/google-wallet.ts';
import { appUrl } from '#app/lib/env.ts';

export type GoogleProgram = {
  programId: string;
  document: ProgramDocument;
  design: { number: number; design: CardDesign };
};

const classLocale = 'en';

const compact = (id: string) => id.replaceAll('-', '');
const classIdOf = (google: GoogleWallet, programId: string) => `${google.issuerId}.program_${compact(programId)}`;
const objectIdOf = (google: GoogleWallet, serial: string) => `${google.issuerId}.${serial}`;

/** Creates or changes the program's class: one call redraws every member's card. Safe to repeat. */
export async function syncClass(google: GoogleWallet, program: GoogleProgram): Promise<void> {
  const { programId, document, design } = program;
  await google.upsertClass(
    toGoogleClass({
      classId: classIdOf(google, programId),
      design: design.design,
      programName: document.name,
      locale: classLocale,
      logoUrl: `${appUrl()}/images/${programId}/${design.number}/logo.png`,
      callbackUrl: null,
    }),
  );
}

export type GoogleCard = GoogleProgram & { serial: string; content: PassContent; isNew: boolean };

/** Creates (`isNew`) or changes a member's object. Safe to repeat. */
export async function syncObject(google: GoogleWallet, card: GoogleCard): Promise<void> {
  const { stamps } = card.content;
  const object = toGoogleObject(card.content, {
    objectId: objectIdOf(google, card.serial),
    classId: classIdOf(google, card.programId),
    heroUrl:
      stamps === null
        ? null
        : `${appUrl()}/images/${card.programId}/${card.design.number}/hero/${stamps.needed}/${stamps.collected}.png`,
  });
  await (card.isNew ? google.upsertObject(object) : google.patchObject(object, { isNotifying: true }));
}

/** Blanks a member's object for good. Safe to repeat. */
export async function blankObject(google: GoogleWallet, card: { programId: string; serial: string }): Promise<void> {
  await google.expireObject({ objectId: objectIdOf(google, card.serial), classId: classIdOf(google, card.programId) });
}

/** The address of the save button for a member's object. */
export async function saveLinkOf(google: GoogleWallet, serial: string): Promise<string> {
  return google.saveLink([objectIdOf(google, serial)]);
}
