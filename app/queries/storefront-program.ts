/** The invitation on the page after an order: what earns, what joining means, and the shopper's card when there is one. */
import type { StorefrontProgram, StorefrontStanding } from '#app/contracts/storefront.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { findMembersByCustomers } from '#app/data/members/members.ts';
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { readCheckoutProgram } from '#app/data/programs/programs.ts';
import { readShop, readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { type Language, languageOfTag } from '#app/domain/members/languages.ts';
import { describeOffer } from '#app/domain/programs/offer-sentences.ts';
import { unitWord } from '#app/domain/programs/unit-words.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { type MemberStandingPage, readStanding } from '#app/queries/member-standing.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

const exampleLengthMax = 300;
const nameLengthMax = 120;

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
    const wording = consentWordingFor(language, design.organizationName);
    return {
      programName: document.name,
      unitLabel: document.units[0]?.label ?? document.name,
      earnExample: example.slice(0, exampleLengthMax),
      consentWording: { program: wording.program, marketing: wording.marketing, version: wording.version },
      isLive: true,
      member: await findCard(tx, { programId: program.programId, customerId: visitor.customerId, language }),
    };
  });
}

type Shopper = { programId: ProgramId; customerId: string | null; language: Language };

async function findCard(tx: Tx, { programId, customerId, language }: Shopper): Promise<StorefrontProgram['member']> {
  if (customerId === null) return null;
  const members = await findMembersByCustomers(tx, [customerId]);
  const member = members.find((candidate) => candidate.programId === programId);
  if (member === undefined) return null;
  return {
    cardUrl: cardUrlOf(await readShopKeys(tx), member, now()),
    standing: shownStanding(await readStanding(tx, member, now()), language),
  };
}

function shownStanding({ units, tier, rewards }: MemberStandingPage, language: Language): StorefrontStanding {
  return {
    balances: units.map(({ unit, kind, label, available, pending, card }) => ({
      unit,
      label: unitWord(language, card === null ? available : card.needed, { kind, label }),
      available,
      pending,
      card: card === null ? null : { onCard: card.onCard, needed: card.needed },
    })),
    tier: tier?.name ?? null,
    nextReward: nearestReward(units, rewards, language),
  };
}

/** The reward that asks for the least more. */
function nearestReward(
  units: MemberStandingPage['units'],
  rewards: MemberStandingPage['rewards'],
  language: Language,
): StorefrontStanding['nextReward'] {
  const wanted = rewards.flatMap(({ name, unit, cost, reason }) => {
    const held = units.find((candidate) => candidate.unit === unit);
    const missing = cost - (held?.available ?? 0);
    return reason !== 'not-enough' || held === undefined || missing <= 0
      ? []
      : [{ name: name.slice(0, nameLengthMax), missing, label: unitWord(language, missing, held) }];
  });
  return wanted.toSorted((one, other) => one.missing - other.missing)[0] ?? null;
}
