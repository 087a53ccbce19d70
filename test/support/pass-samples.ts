/** Example cards for tests and benchmarks of passes. */
import { randomBytes } from 'node:crypto';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import { formatCardCode } from '#app/domain/cards/card-code.ts';
import { type CardDesign, plainDesignExtras } from '#app/domain/cards/card-design.ts';
import { buildPassContent, type PassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import type { SignerFiles } from '#app/gateways/pass-sealer.ts';
import { type CertificatePems, testPassTypeIdentifier, testTeamIdentifier } from '#test/platform/certificates.ts';

export const sampleDesign: CardDesign = {
  organizationName: 'Blue Door Coffee',
  logoText: 'Blue Door',
  backgroundColor: '#4b2e1e',
  foregroundColor: '#ffffff',
  labelColor: '#f7d9a0',
  stampShape: 'cup',
  terms: 'One stamp for each coffee. The tenth is on us.',
  logoImage: null,
  ...plainDesignExtras,
};

/** A stamp card with four of ten stamps. */
export function samplePassInput(changes: Partial<PassInput> = {}): PassInput {
  return {
    programName: 'Coffee card',
    design: sampleDesign,
    units: [{ kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 }],
    balances: [{ unit: 'stamps', balance: 4, held: 0 }],
    rewards: [
      {
        id: 'free-coffee',
        name: 'Free coffee',
        unit: 'stamps',
        cost: 10,
        benefit: { kind: 'custom', instructions: 'Any size.' },
      },
    ],
    memberName: 'Ada',
    locale: 'en',
    cardUrl: 'https://stampwell.example/card/sample',
    barcodeValue: formatCardCode('AAAAAAAAAAAAAAAAAAAAAA', () => new Uint8Array(32)),
    isVoid: false,
    ...changes,
  };
}

/** A pass.json as the product makes it, with a fresh serial number. */
export function samplePassJson(content: PassContent = buildPassContent(samplePassInput())): ApplePass {
  return toApplePass(content, {
    passTypeIdentifier: testPassTypeIdentifier,
    teamIdentifier: testTeamIdentifier,
    serialNumber: randomBytes(16).toString('base64url'),
    authenticationToken: randomBytes(32).toString('base64url'),
    webServiceURL: 'https://stampwell.example/wallet/apple',
  });
}

/** The test certificates in the words of the sealer. */
export function signerFilesOf(pems: CertificatePems): SignerFiles {
  return { certificatePem: pems.passCertificate, keyPem: pems.passKey, wwdrPem: pems.wwdr };
}

/** A shop that uploaded nothing. */
export const noImages = (): Promise<Buffer | null> => Promise.resolve(null);
