/** Links to the test card of a program's draft: signed like members' links, for a short while, and they open nothing else. */
import { findCardDraft } from '#app/data/cards/card-drafts.ts';
import { designOfPass } from '#app/data/cards/card-designs.ts';
import { type DesignParts, readDesignParts } from '#app/data/cards/design-parts.ts';
import { findShopKeys, readShop, readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { formatCardCode } from '#app/domain/cards/card-code.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { plainSample, type SampleCard } from '#app/domain/cards/sample-content.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { type Language } from '#app/domain/members/languages.ts';
import { appUrl, systemMark } from '#app/lib/env.ts';
import { Forbidden } from '#app/lib/errors.ts';
import { newSerial, type ProgramId, type ShopId } from '#app/lib/ids.ts';
import type { ShopKeys } from '#app/lib/sealed-box.ts';
import { createLinkToken, isLinkSigned, readLinkClaims } from '#app/lib/signed-link.ts';

/** Long enough to fetch a phone, short enough that a forgotten link is no way in. */
export const testLinkMs = 60 * 60_000;

/** The address of a program's test card, good for an hour. Making it changes nothing. */
export async function testCardUrl(tx: Tx, programId: ProgramId, at: Date): Promise<string> {
  const keys = await readShopKeys(tx);
  const expiresAt = new Date(at.getTime() + testLinkMs);
  return `${appUrl()}/card-test/${createLinkToken(keys, 'card-test', { subjectId: programId, expiresAt, generation: 0 })}`;
}

export type TestCard = DesignParts & {
  shopId: ShopId;
  programId: ProgramId;
  keys: ShopKeys;
  design: CardDesign;
  card: SampleCard;
};

/** The card behind a test link: the draft as it is now, or the live design. Throws `Forbidden` for a bad or expired link. */
export async function openTestLink(token: string, shown: { language: Language; at: Date }): Promise<TestCard> {
  const claims = readLinkClaims(token);
  if (claims === null || claims.expiresAt <= shown.at) throw refusal();
  const programId = claims.subjectId as ProgramId;
  return withShop(claims.shopId as ShopId, async (tx) => {
    const keys = await findShopKeys(tx);
    if (keys === null || !isLinkSigned(keys, 'card-test', { token, generation: 0 })) throw refusal();
    const design = await draftOrLive(tx, programId);
    const parts = await readDesignParts(tx, programId, design);
    // Nobody's card: the tag does not verify, so no till takes it for one.
    const barcodeValue = formatCardCode(newSerial(), () => new Uint8Array(32));
    const cardUrl = `${appUrl()}/card-test/${token}`;
    const card = { ...plainSample, language: shown.language, cardUrl, barcodeValue, systemMark: systemMark() };
    return { shopId: tx.shopId, programId, keys, design, card, ...parts };
  });
}

async function draftOrLive(tx: Tx, programId: ProgramId): Promise<CardDesign> {
  const draft = await findCardDraft(tx, programId);
  if (draft !== null) return draft.design;
  const live = await designOfPass(tx, programId, null);
  return live?.design ?? starterDesign((await readShop(tx)).name ?? '');
}

function refusal(): Forbidden {
  return new Forbidden('link-invalid', 'A test link was refused', {
    publicMessage: 'This test link is over. Make a new one on the Card page.',
  });
}
