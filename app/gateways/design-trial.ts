/**
 * A design is tried before any member's card carries it: each language, and a card that is new, begun, full and void, is drawn,
 * checked, sealed and read back.
 */
import type { AppleCertificate } from '#app/domain/cards/apple-certificate.ts';
import { applePassProblems } from '#app/domain/cards/apple-pass-rules.ts';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { sampleContent, trialCards } from '#app/domain/cards/sample-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type AppleIssuer, appleIssuerOf } from '#app/gateways/apple-issuers.ts';
import { sealApplePass } from '#app/gateways/apple-pass.ts';
import { passArtwork } from '#app/gateways/connections.ts';
import type { ReadImage } from '#app/gateways/pass-artwork.ts';
import { sealedPassProblems } from '#app/gateways/pass-verifier.ts';
import { InvalidInput, Unavailable } from '#app/lib/errors.ts';

export type DesignTrial = {
  document: ProgramDocument;
  design: CardDesign;
  readImage: ReadImage;
  /** Null where no certificate is configured: then everything is checked but the seal. */
  issuer: AppleIssuer | null;
};

export type TriedDesign = Omit<DesignTrial, 'issuer'> & {
  /** With which new passes are signed; null is the platform's. */
  certificate: AppleCertificate | null;
};

const shownProblemsMax = 3;

/** Throws `InvalidInput` that says on which card the design fails, and how; returns when every card can be made. */
export async function refuseBrokenDesign({ certificate, ...design }: TriedDesign): Promise<void> {
  const problems = await tryDesign({ ...design, issuer: issuerIfAny(certificate) });
  if (problems.length === 0) return;
  const shown = problems.slice(0, shownProblemsMax).join('; ');
  throw new InvalidInput('design-broken', shown, { publicMessage: `Cards with this design cannot be made. ${shown}` });
}

function issuerIfAny(certificate: AppleCertificate | null): AppleIssuer | null {
  try {
    return appleIssuerOf(certificate);
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}

/** As a pass has them; their values are made up, for nothing of a trial is handed out. */
const trialSerial = 'trial-card-of-a-design-1';
const trialToken = 'trial-token-of-a-design-that-opens-nothing';
const links = { cardUrl: 'https://example.com/card/trial', barcodeValue: 'L1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAA' };

/** What keeps a design from being carried, each with the card it shows on; empty when nothing does. Nothing is stored or sent. */
export async function tryDesign(trial: DesignTrial): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, card } of trialCards(links)) {
    const content = sampleContent(trial.document, trial.design, card);
    for (const problem of await cardProblems(trial, content)) problems.push(`${name}: ${problem}`);
  }
  return problems;
}

async function cardProblems({ design, readImage, issuer }: DesignTrial, content: PassContent): Promise<string[]> {
  try {
    if (issuer === null) return await unsealedProblems({ design, readImage }, content);
    const body = await sealApplePass({ issuer, serial: trialSerial, token: trialToken, content, design, readImage });
    return sealedPassProblems(body, issuer.passTypeIdentifier);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    // A picture that cannot be read fails somewhere deep in a library, in words of its own.
    return [error instanceof InvalidInput ? error.message : 'its pictures cannot be drawn'];
  }
}

async function unsealedProblems(
  look: Pick<DesignTrial, 'design' | 'readImage'>,
  content: PassContent,
): Promise<string[]> {
  await passArtwork().passAssets({ ...look, stamps: content.stamps });
  return applePassProblems(
    toApplePass(content, {
      passTypeIdentifier: 'pass.com.example',
      teamIdentifier: 'TEAM123456',
      serialNumber: trialSerial,
      authenticationToken: trialToken,
      webServiceURL: 'https://example.com/wallet/apple',
    }),
  );
}
