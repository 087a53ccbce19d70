/** The words of consent: what is shown now, and every wording that was ever agreed to, kept under its version. */
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type ConsentWording, consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { type Language, languageOfTag } from '#app/domain/members/languages.ts';
import type { ProgramId } from '#app/lib/ids.ts';

/** Who speaks to the members of a program: the name on the card. */
export async function organizationOf(tx: Tx, programId: ProgramId): Promise<string> {
  const published = await newestCardDesign(tx, programId);
  if (published !== null) return published.design.organizationName;
  return (await readShop(tx)).name ?? (await newestRuleVersion(tx, programId))?.document.name ?? '';
}

/** The wording a member of the program is shown in a language. */
export async function currentWording(tx: Tx, programId: ProgramId, language: Language): Promise<ConsentWording> {
  return consentWordingFor(language, await organizationOf(tx, programId));
}

/**
 * Keeps the text behind a version that somebody agrees to now. A version of somebody else's words, as an integrator's, is
 * left alone: only they know the text. Safe to repeat.
 */
export async function keepWording(
  tx: Tx,
  agreed: { programId: ProgramId; version: string; locale: string; at: Date },
): Promise<void> {
  const [known] = await tx.query('select 1 as one from consent_wording where shop_id = $1 and version = $2 limit 1', [
    tx.shopId,
    agreed.version,
  ]);
  if (known !== undefined) return;
  const language = languageOfTag(agreed.version.split('.')[1] ?? '') ?? 'en';
  const wording = await currentWording(tx, agreed.programId, language);
  if (wording.version !== agreed.version) return;
  const { program, marketing, analytics } = wording;
  await tx.query(
    `insert into consent_wording (shop_id, version, purpose, locale, wording, first_used_at)
     select $1, $2, unnest($3::text[]), $4, unnest($5::text[]), $6 on conflict do nothing`,
    [
      tx.shopId,
      agreed.version,
      ['program', 'marketing', 'analytics'],
      language,
      [program, marketing, analytics],
      agreed.at,
    ],
  );
}

export type KeptWording = { version: string; purpose: string; locale: string; wording: string; firstUsedAt: Date };

/** Every wording that was agreed to, newest first; at most `limit`. */
export async function listWordings(tx: Tx, limit: number): Promise<KeptWording[]> {
  return tx.query<KeptWording>(
    `select version, purpose, locale, wording, first_used_at as "firstUsedAt" from consent_wording
     where shop_id = $1 order by first_used_at desc, version, purpose limit $2`,
    [tx.shopId, limit],
  );
}
