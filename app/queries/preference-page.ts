/** A shopper's own preferences: what they agreed to, what happened with their card, and what is held about them. */
import { openMemberLink, openPlainLink } from '#app/data/cards/card-links.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { type ListedEntry, listEntries } from '#app/data/ledger/ledger-audit.ts';
import { reportedLines } from '#app/data/members/activity-reports.ts';
import { findOpenMail, type MailKind } from '#app/data/members/mail-requests.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { readProvenAddress, readProvenAt } from '#app/data/members/proven-addresses.ts';
import { listSecurityActivity, type SecurityActivity } from '#app/data/members/security-activity.ts';
import { type GivenConsent, readConsents } from '#app/data/privacy/chains.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { type ConsentWording, consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { type Language, languageOfTag } from '#app/domain/members/languages.ts';
import { maskEmail } from '#app/domain/members/masking.ts';
import { changeIn } from '#app/domain/programs/unit-words.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type PreferencePage = {
  language: Language;
  content: PassContent;
  design: CardDesign;
  wording: ConsentWording;
  consents: Pick<GivenConsent, 'purpose' | 'channel' | 'granted' | 'confirmation' | 'occurredAt'>[];
  /** Masked: whoever found the link learns no address from it. */
  email: { masked: string; isProven: boolean } | null;
  hasPhone: boolean;
  entries: {
    subject: string;
    kind: ListedEntry['kind'];
    /** What was booked, in the reader's language. */
    words: string;
    occurredAt: Date;
    isReported: boolean;
  }[];
  activity: (SecurityActivity & { isReported: boolean })[];
  /** What a code was mailed for and may still be typed in. */
  openCode: MailKind | null;
  frozenBy: 'member' | 'staff' | null;
  timeZone: string;
  cardUrl: string;
};

const linesMax = 20;

/** Whose preferences a signed link opens. Throws `Forbidden` for a bad or expired one. */
export async function preferencesOwner(token: string): Promise<{ shopId: ShopId; memberId: MemberId }> {
  return openMemberLink(token, { purpose: 'preferences', at: now() });
}

/** Whether a token from a mailed code opens this member's download. Throws `Forbidden` when not. */
export async function checkDownload(
  token: string,
  owner: { shopId: ShopId; memberId: MemberId },
): Promise<{ isOpen: boolean }> {
  const { shopId, subjectId } = await openPlainLink(token, { purpose: 'download', at: now() });
  return { isOpen: shopId === owner.shopId && subjectId === owner.memberId };
}

/** Whether a copy of the data takes a mailed code. */
export async function needsCode({ shopId, memberId }: { shopId: ShopId; memberId: MemberId }): Promise<boolean> {
  return withShop(shopId, async (tx) => (await readProvenAddress(tx, memberId)) !== null);
}

/** The page of the link's owner. */
export async function preferencePage({
  shopId,
  memberId,
}: {
  shopId: ShopId;
  memberId: MemberId;
}): Promise<PreferencePage> {
  return withShop(shopId, async (tx) => {
    const view = await readCardView(tx, memberId, { pass: null, at: now() });
    const { content, design, member } = view;
    const language = languageOfTag(content.locale) ?? 'en';
    const profile = (await readProfiles(tx, [memberId])).get(memberId);
    const reported = await reportedLines(tx, memberId);
    const units = new Map(view.document.units.map((unit) => [unit.id, unit]));
    const entries = await listEntries(tx, memberId, { before: null, limit: linesMax });
    const activity = await listSecurityActivity(tx, memberId, linesMax);
    const kinds: MailKind[] = ['contact-code', 'download-code', 'erasure-code'];
    return {
      language,
      content,
      design: design.design,
      wording: consentWordingFor(language, content.organizationName),
      consents: await readConsents(tx, memberId),
      email:
        profile?.email == null
          ? null
          : { masked: maskEmail(profile.email), isProven: (await readProvenAt(tx, memberId)) !== null },
      hasPhone: profile?.phone != null,
      entries: entries.map(({ entryId, kind, amount, unit, occurredAt }) => ({
        subject: `entry:${entryId}`,
        kind,
        words: changeIn(language, amount, units.get(unit) ?? { kind: 'point', label: unit }),
        occurredAt,
        isReported: reported.has(`entry:${entryId}`),
      })),
      activity: activity.map((line) => ({ ...line, isReported: reported.has(line.subject) })),
      openCode: (await findOpenMail(tx, { memberId, kinds, at: now() }))?.kind ?? null,
      frozenBy: member.state === 'frozen' ? (member.frozenBy ?? 'staff') : null,
      timeZone: (await readShop(tx)).timeZone,
      cardUrl: content.cardUrl,
    };
  });
}
