/** Changing what a member agrees to: what a mailed link must confirm first is asked, and grants nothing until then. */
import { addMailRequest, type WaitingConsent } from '#app/data/members/mail-requests.ts';
import type { Member } from '#app/data/members/members.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import {
  appendAudit,
  appendConsents,
  type ConsentChannel,
  type ConsentPurpose,
  type GivenConsent,
  type NewConsent,
  readConsents,
} from '#app/data/privacy/chains.ts';
import { sealEvidence } from '#app/data/privacy/consent-keys.ts';
import { isConfirmationNeeded } from '#app/data/privacy/consent-settings.ts';
import { keepWording } from '#app/data/privacy/consent-wordings.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';

export type ConsentChoice = { purpose: ConsentPurpose; channel: ConsentChannel; granted: boolean };

export type ChosenConsents = {
  choices: ConsentChoice[];
  wordingVersion: string;
  locale: string;
  source: string;
  actor: string;
  at: Date;
};

/** `mailId`: the mail to be sent, when something waits for it. */
export type ChangedConsents = { changed: number; asked: number; mailId: string | null };

const keyOf = ({ purpose, channel }: Pick<ConsentChoice, 'purpose' | 'channel'>) => `${purpose}/${channel}`;

/** Only what is otherwise than before is written: saying the same again is no new consent. Hold the member. */
export async function changeChoices(tx: Tx, member: Member, chosen: ChosenConsents): Promise<ChangedConsents> {
  const before = new Map((await readConsents(tx, member.memberId)).map((consent) => [keyOf(consent), consent]));
  const different = chosen.choices.filter((choice) => isDifferent(before.get(keyOf(choice)), choice));
  if (different.length === 0) return { changed: 0, asked: 0, mailId: null };
  const profile = (await readProfiles(tx, [member.memberId])).get(member.memberId);
  const needsConfirmation = await isConfirmationNeeded(tx);
  const waiting = different.filter((choice) => needsConfirmation && isConfirmedByMail(choice));
  await appendConsents(
    tx,
    await Promise.all(
      different.map((choice) =>
        toRecord(tx, member, {
          chosen,
          choice,
          isAsked: waiting.includes(choice),
          address: addressFor(choice, profile),
        }),
      ),
    ),
  );
  await keepWording(tx, { ...chosen, programId: member.programId, version: chosen.wordingVersion });
  await appendAudit(tx, {
    actor: chosen.actor,
    action: 'consent.change',
    object: `member:${member.memberId}`,
    beforeHash: fingerprint([...before.values()].map(({ granted, ...consent }) => ({ key: keyOf(consent), granted }))),
    afterHash: fingerprint(chosen.choices.map((choice) => ({ key: keyOf(choice), granted: choice.granted }))),
    reason: chosen.source,
    occurredAt: chosen.at,
  });
  const email = profile?.email ?? null;
  const mailId =
    waiting.length === 0 || email === null
      ? null
      : await addMailRequest(tx, {
          memberId: member.memberId,
          kind: 'email-proof',
          locale: chosen.locale,
          address: email,
          consents: waiting.map((choice) => toWaiting(choice, chosen)),
          at: chosen.at,
        });
  return { changed: different.length - waiting.length, asked: waiting.length, mailId };
}

/** What waits for its link counts as said: saying yes again asks nothing new, and saying no takes it back. */
function isDifferent(before: GivenConsent | undefined, choice: ConsentChoice): boolean {
  const wasWanted = before !== undefined && (before.granted || before.confirmation === 'asked');
  return wasWanted !== choice.granted;
}

/** Advertising by mail is what the law asks proof for. */
export function isConfirmedByMail({ purpose, channel, granted }: ConsentChoice): boolean {
  return granted && purpose === 'marketing' && channel === 'email';
}

/** A choice as it waits for the link in a mail. */
export function toWaiting(
  { purpose, channel }: ConsentChoice,
  { wordingVersion, locale, source }: Pick<ChosenConsents, 'wordingVersion' | 'locale' | 'source'>,
): WaitingConsent {
  return { purpose, channel, wordingVersion, locale, source };
}

type Profile = { email: string | null; phone: string | null } | undefined;

function addressFor({ channel }: ConsentChoice, profile: Profile): string | null {
  if (channel === 'wallet') return null;
  return (channel === 'email' ? profile?.email : profile?.phone) ?? null;
}

type Recorded = { chosen: ChosenConsents; choice: ConsentChoice; isAsked: boolean; address: string | null };

async function toRecord(tx: Tx, member: Member, { chosen, choice, isAsked, address }: Recorded): Promise<NewConsent> {
  return {
    subject: member.memberId,
    purpose: choice.purpose,
    channel: choice.channel,
    granted: choice.granted && !isAsked,
    wordingVersion: chosen.wordingVersion,
    locale: chosen.locale,
    source: chosen.source,
    occurredAt: chosen.at,
    confirmation: isAsked ? 'asked' : null,
    evidence: address === null ? null : await sealEvidence(tx, member.memberId, { address }),
  };
}

/** What a link in a mail confirmed is granted now. */
export async function grantConfirmed(
  tx: Tx,
  member: Member,
  confirmed: { consents: WaitingConsent[]; address: string; at: Date },
): Promise<void> {
  const { consents, address, at } = confirmed;
  if (consents.length === 0) return;
  const newest = new Map((await readConsents(tx, member.memberId)).map((consent) => [keyOf(consent), consent]));
  // Who withdrew in between meant it: an old link does not bring it back.
  const open = consents.filter((consent) => newest.get(keyOf(consent))?.confirmation === 'asked');
  const evidence = open.length === 0 ? null : await sealEvidence(tx, member.memberId, { address });
  await appendConsents(
    tx,
    open.map((consent) => ({
      ...consent,
      subject: member.memberId,
      granted: true,
      occurredAt: at,
      confirmation: 'confirmed' as const,
      evidence,
    })),
  );
}
