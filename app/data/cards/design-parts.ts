/** What a design needs beside itself to be drawn and sealed. */
import { readSigningCertificate } from '#app/data/cards/apple-certificates.ts';
import { readIssuerInUse } from '#app/data/cards/pass-issuing.ts';
import { demandShopImages, imageReader } from '#app/data/cards/shop-images.ts';
import { newestRuleVersion, readProgram } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { AppleCertificate } from '#app/domain/cards/apple-certificate.ts';
import { type CardDesign, newDesignSchema } from '#app/domain/cards/card-design.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ProgramId } from '#app/lib/ids.ts';

export type DesignParts = {
  /** The rules in force, or the draft before the first. */
  document: ProgramDocument;
  readImage: (hash: string) => Promise<Buffer | null>;
  /** With which new passes are signed; null is the platform's. */
  certificate: AppleCertificate | null;
};

/** Reads them. Throws `InvalidInput` when the design names a picture that is none of the shop's, `NotFound`. */
export async function readDesignParts(tx: Tx, programId: ProgramId, design: CardDesign): Promise<DesignParts> {
  const program = await readProgram(tx, programId);
  const version = await newestRuleVersion(tx, programId);
  await demandShopImages(tx, design);
  return {
    document: version?.document ?? program.draft,
    readImage: imageReader(tx.shopId),
    certificate: await readSigningCertificate(tx, await readIssuerInUse(tx, 'apple')),
  };
}

/** A design as it came from outside. Throws `InvalidInput` that names the field and what would be right. */
export function readDesignInput(design: unknown): CardDesign {
  const parsed = newDesignSchema.safeParse(design);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `${issue?.path.join('.') || 'design'}: ${issue?.message ?? 'does not fit'}`;
  throw new InvalidInput('card-design-invalid', message, { publicMessage: message });
}
