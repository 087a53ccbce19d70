/** The link in a mail was opened: its holder says that the address is theirs, or that somebody else typed it. */
import { openPlainLink } from '#app/data/cards/card-links.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import {
  addMailRequest,
  lockMailRequest,
  type MailRequest,
  markMail,
  readMailRequest,
} from '#app/data/members/mail-requests.ts';
import { lockHistory } from '#app/data/ledger/rules-in-force.ts';
import { claimOrders } from '#app/data/ledger/waiting-orders.ts';
import { linkCustomer, lockMember, type Member } from '#app/data/members/members.ts';
import { lockEmail, normalizeEmail, readProfiles } from '#app/data/members/profiles.ts';
import {
  findHolders,
  noteContactChange,
  provenAmong,
  readProvenAt,
  readWaitingCustomer,
  takeAddress,
  writeProvenAddress,
} from '#app/data/members/proven-addresses.ts';
import { waitForSettlers } from '#app/data/orders/member-orders.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { grantConfirmed } from '#app/data/privacy/consent-changes.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';

export type ConfirmedAddress = { kind: 'confirmed'; cardUrl: string } | { kind: 'denied' | 'over' };

/**
 * Confirms an address with everything that waited for it, or takes it back. Safe to repeat: a link that did its work leads
 * to the card. Throws `Forbidden` for a link that is not genuine or too old.
 */
export async function confirmAddress(asked: { token: string; isTheirs: boolean }): Promise<ConfirmedAddress> {
  const at = now();
  const { shopId, subjectId } = await openPlainLink(asked.token, { purpose: 'confirm', at });
  return withShop(shopId, async (tx) => {
    await keepErasureOut(tx);
    await lockHistory(tx);
    const waiting = await waitForCustomer(tx, subjectId);
    const request = await lockMailRequest(tx, subjectId);
    if (request === null || request.kind !== 'email-proof') return { kind: 'over' };
    const member = await lockMember(tx, request.memberId);
    if (member.state === 'erased') return { kind: 'over' };
    if (!asked.isTheirs) return deny(tx, { member, request, at });
    if (request.doneAt === null && !(await confirm(tx, { member, request, at, waiting }))) return { kind: 'over' };
    return { kind: 'confirmed', cardUrl: cardUrlOf(await readShopKeys(tx), member, at) };
  });
}

type About = { member: Member; request: MailRequest; at: Date };

/** Who waits for a proof, as they were noted, and the customer they are by now. */
type Waiting = { noted: string; customerId: string };

/** The customer who waits for this proof, once nobody settles an order of theirs. Comes before anything is held. */
async function waitForCustomer(tx: Tx, requestId: string): Promise<Waiting | null> {
  const request = await readMailRequest(tx, requestId);
  const noted = request === null ? null : await readWaitingCustomer(tx, request.memberId);
  return noted === null ? null : { noted, customerId: await waitForSettlers(tx, noted) };
}

/** False: the address has become somebody else's meanwhile. */
async function confirm(tx: Tx, about: About & { waiting: Waiting | null }): Promise<boolean> {
  const { member, request, at, waiting } = about;
  const { address, requestId } = request;
  await lockEmail(tx, address);
  const holders = await findHolders(tx, member, address);
  const ids = holders.map(({ memberId }) => memberId);
  if ((await provenAmong(tx, ids)).size > 0) return false;
  // Who only typed it loses it to who proved it.
  await takeAddress(tx, ids);
  await changeAddress(tx, { member, request, at });
  // The customer was of the address that is proven now, not of one that was changed to.
  const isSame = waiting !== null && (await readWaitingCustomer(tx, member.memberId)) === waiting.noted;
  if (isSame && (await linkCustomer(tx, member.memberId, waiting.customerId)))
    await claimOrders(tx, waiting.customerId);
  await grantConfirmed(tx, member, { consents: request.consents, address, at });
  await markMail(tx, requestId, { what: 'done', at });
  await appendAudit(tx, {
    actor: 'shopper',
    action: 'contact.confirm',
    object: `member:${member.memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ requestId, consents: request.consents }),
    reason: null,
    occurredAt: at,
  });
  return true;
}

async function changeAddress(tx: Tx, { member, request, at }: About): Promise<void> {
  const { memberId } = member;
  const before = (await readProfiles(tx, [memberId])).get(memberId)?.email ?? null;
  const wasProven = before !== null && (await readProvenAt(tx, memberId)) !== null;
  const isOther = before === null || normalizeEmail(before) !== normalizeEmail(request.address);
  if (isOther) await takeAddress(tx, [memberId]);
  await writeProvenAddress(tx, memberId, { email: request.address, at });
  if (before === null || !isOther) return;
  await noteContactChange(tx, memberId, at);
  if (!wasProven) return;
  const { locale } = request;
  const mailId = await addMailRequest(tx, { memberId, kind: 'address-changed', locale, address: before, at });
  if (mailId !== null) await enqueue(tx, 'send-mail', { requestId: mailId });
}

/** The card stays with whoever joined, without the address that is not theirs. */
async function deny(tx: Tx, { member, request, at }: About): Promise<ConfirmedAddress> {
  const { memberId } = member;
  const held = (await readProfiles(tx, [memberId])).get(memberId)?.email ?? null;
  if (held !== null && normalizeEmail(held) === normalizeEmail(request.address)) await takeAddress(tx, [memberId]);
  await markMail(tx, request.requestId, { what: 'done', at });
  await appendAudit(tx, {
    actor: 'shopper',
    action: 'contact.deny',
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ requestId: request.requestId }),
    reason: null,
    occurredAt: at,
  });
  return { kind: 'denied' };
}
