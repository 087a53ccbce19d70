/** A member's Apple pass, drawn and sealed with this installation's certificate. */
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { applePassSigner, passArtwork } from '#app/gateways/connections.ts';
import { sealPass } from '#app/gateways/pass-sealer.ts';
import { walletUrl } from '#app/lib/env.ts';

export type PassToSeal = {
  serial: string;
  token: string;
  content: PassContent;
  design: CardDesign;
  /** The PNG of the logo the design names; null draws its stamp instead. */
  logo: Buffer | null;
};

/** Our pass type identifier. Throws `Unavailable` while no certificate is configured. */
export function passTypeIdentifier(): string {
  return applePassSigner().passTypeIdentifier;
}

/** Seals a pass. The same input gives the same pass.json and manifest. Throws `Unavailable` without a certificate. */
export async function sealApplePass({ serial, token, content, design, logo }: PassToSeal): Promise<Buffer> {
  const signer = applePassSigner();
  const assets = await passArtwork().passAssets({ design, stamps: content.stamps, logo });
  const passJson = toApplePass(content, {
    passTypeIdentifier: signer.passTypeIdentifier,
    teamIdentifier: signer.teamIdentifier,
    serialNumber: serial,
    authenticationToken: token,
    webServiceURL: `${walletUrl()}/wallet/apple`,
  });
  return sealPass({ assets, passJson, signer });
}
