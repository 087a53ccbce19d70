/** The invitation on the page after an order: what earns, what joining means, and the shopper's card when there is one. */
import type { StorefrontProgram } from '#app/contracts/storefront.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { findMembersByCustomers } from '#app/data/members/members.ts';
import { newestCardDesign, readCheckoutProgram } from '#app/data/programs/programs.ts';
import { readShop, readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { describeOffer } from '#app/domain/programs/offer-sentences.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

const exampleLengthMax = 300;

/** Throws `NotFound` ('program-not-live') while no live program takes members after an order. */
export async function storefrontProgram(
  shopId: ShopId,
  visitor: { locale: string | null; customerId: string | null },
): Promise<StorefrontProgram> {
  return withShop(shopId, async (tx) => {
    const { program, version } = await readCheckoutProgram(tx);
    const { document } = version;
    const shop = await readShop(tx);
    const published = await newestCardDesign(tx, program.programId);
    const design = published?.design ?? starterDesign(shop.name ?? document.name);
    const language = languageOfTag(visitor.locale ?? 'en') ?? 'en';
    const offer = describeOffer({ document, currency: shop.currency ?? 'USD', language });
    const example = [offer.earning[0], offer.rewards[0]].filter((sentence) => sentence !== undefined).join('. ');
    return {
      programName: document.name,
      unitLabel: document.units[0]?.label ?? document.name,
      earnExample: example.slice(0, exampleLengthMax),
      consentWording: consentWordingFor(language, design.organizationName),
      isLive: true,
      member: await findCard(tx, program.programId, visitor.customerId),
    };
  });
}

async function findCard(tx: Tx, programId: ProgramId, customerId: string | null): Promise<{ cardUrl: string } | null> {
  if (customerId === null) return null;
  const members = await findMembersByCustomers(tx, [customerId]);
  const member = members.find((candidate) => candidate.programId === programId);
  return member === undefined ? null : { cardUrl: cardUrlOf(await readShopKeys(tx), member.memberId, now()) };
}
