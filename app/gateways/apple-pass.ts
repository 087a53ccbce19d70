/** A member's Apple pass, drawn and sealed with its issuer's certificate. */
import { toApplePass } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { AppleIssuer } from '#app/gateways/apple-issuers.ts';
import { passArtwork, passStrings } from '#app/gateways/connections.ts';
import type { ReadImage } from '#app/gateways/pass-artwork.ts';
import { sealPass, withFiles } from '#app/gateways/pass-sealer.ts';
import { walletUrl } from '#app/lib/env.ts';

export type PassToSeal = {
  issuer: AppleIssuer;
  serial: string;
  token: string;
  content: PassContent;
  design: CardDesign;
  /** Asked only when the design's pictures have to be drawn. */
  readImage: ReadImage;
};

/** Seals a pass. The same input gives the same pass.json and manifest. */
export async function sealApplePass({
  issuer,
  serial,
  token,
  content,
  design,
  readImage,
}: PassToSeal): Promise<Buffer> {
  const { signer } = issuer;
  const assets = await passArtwork().passAssets({ design, stamps: content.stamps, readImage });
  const passJson = toApplePass(content, {
    passTypeIdentifier: signer.passTypeIdentifier,
    teamIdentifier: signer.teamIdentifier,
    serialNumber: serial,
    authenticationToken: token,
    webServiceURL: `${walletUrl()}/wallet/apple`,
  });
  return sealPass({ assets: withFiles(assets, passStrings()(design, content.locale)), passJson, signer });
}
