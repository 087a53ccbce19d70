/**
 * Privacy cases: access is answered from what we hold; erasure goes step by step, each with a receipt, so that a worker
 * killed between any two steps is followed by one that goes on where it stopped.
 */
import {
  addReceipt,
  addTombstones,
  closeCase,
  customersOf,
  lockCase,
  type PrivacyCase,
  readCaseSubject,
  tombstoneOf,
  writeCaseMembers,
} from '#app/data/privacy/cases.ts';
import { blankCampaignsTo } from '#app/data/campaigns/campaigns.ts';
import { forgetRecipients } from '#app/data/campaigns/recipients.ts';
import { deleteApiClients } from '#app/data/shops/api-clients.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { deleteIssuers } from '#app/data/cards/apple-issuers.ts';
import { deleteDevices } from '#app/data/cards/devices.ts';
import { collectPersonalData, findSubjectMembers } from '#app/data/members/data-subjects.ts';
import { waitForWriters } from '#app/data/privacy/erasure-gate.ts';
import { forgetWaitingDeliveries } from '#app/data/orders/inbox.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { anonymizeEvents } from '#app/data/ledger/member-events.ts';
import { eraseMembers, readMembers } from '#app/data/members/members.ts';
import { anonymizeOrders } from '#app/data/orders/orders.ts';
import { touchPasses, voidPasses } from '#app/data/cards/passes.ts';
import { deleteProfiles } from '#app/data/members/profiles.ts';
import { deleteSessions } from '#app/data/shops/sessions.ts';
import { findShopKeys, markErased, shredShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { findGoogleAccount } from '#app/data/cards/google-issuers.ts';
import { listGoogleCards } from '#app/data/cards/google-objects.ts';
import { googleTurns } from '#app/data/cards/google-turns.ts';
import { blankObject } from '#app/gateways/google-cards.ts';
import { googleWalletOf } from '#app/gateways/google-issuers.ts';
import { now } from '#app/lib/clock.ts';
import { Rejected } from '#app/lib/errors.ts';
import type { CaseId, MemberId, ShopId } from '#app/lib/ids.ts';

const patienceMs = 10_000;
const timeoutMs = 10_000;

/** A step in the database leaves its receipt in its own transaction, one over the network right after: it may repeat. */
type Step =
  | { name: string; change: (tx: Tx, found: PrivacyCase) => Promise<number> }
  | { name: string; call: (shopId: ShopId, found: PrivacyCase) => Promise<number> };

const erasureSteps: Step[] = [
  { name: 'find members', change: findMembers },
  { name: 'remember as erased', change: rememberErased },
  { name: 'void passes and tell the devices', change: (tx, found) => voidPasses(tx, found.memberIds, now()) },
  { name: 'delete profiles and close memberships', change: deleteIdentity },
  { name: 'cut orders loose', change: cutOrdersLoose },
  { name: 'forget waiting deliveries', change: forgetDeliveries },
  // Last, so that a Google that does not answer holds up nothing of our own.
  { name: 'blank Google objects', call: blankGoogle },
];

const shopErasureSteps: Step[] = [
  { name: 'keep nothing that still arrives', change: closeShop },
  { name: 'delete registrations', change: async (tx) => deleteDevices(tx, await allMembers(tx)) },
  { name: 'delete sessions', change: deleteSessions },
  { name: 'delete API clients', change: deleteApiClients },
  { name: 'delete profiles and close memberships', change: deleteAllIdentity },
  { name: 'cut orders loose', change: (tx) => anonymizeOrders(tx, 'everybody') },
  { name: 'forget waiting deliveries', change: (tx) => forgetWaitingDeliveries(tx, 'everybody') },
  // Only with the account that the next step takes away.
  { name: 'blank Google objects of own issuers', call: blankOwnGoogle },
  { name: 'delete wallet certificates', change: deleteIssuers },
  // Without the key nothing sealed of this shop can be read again, in backups either.
  { name: 'destroy the data key', change: (tx) => shredShop(tx).then(() => 1) },
  { name: 'blank Google objects', call: blankGoogle },
];

/** Works a case to its end. Safe to repeat, and to take up after a crash. */
export async function processCase({ shopId, caseId }: { shopId: ShopId; caseId: string }): Promise<void> {
  const found = await withShop(shopId, (tx) => lockCase(tx, caseId));
  if (found === null || found.state === 'closed') return;
  if (found.kind === 'access') return answerAccess(shopId, found.caseId);
  const steps = found.kind === 'erasure' ? erasureSteps : shopErasureSteps;
  for (const step of steps) await runStep(shopId, found.caseId, step);
  await finish(shopId, found.caseId);
}

const isDone = (found: PrivacyCase, step: Step) => found.receipts.some((receipt) => receipt.step === step.name);

async function runStep(shopId: ShopId, caseId: CaseId, step: Step): Promise<void> {
  if ('change' in step) {
    await withShop(shopId, async (tx) => {
      const found = await lockCase(tx, caseId);
      if (found !== null && !isDone(found, step)) await leaveReceipt(tx, caseId, step, await step.change(tx, found));
    });
    return;
  }
  const found = await withShop(shopId, (tx) => lockCase(tx, caseId));
  if (found === null || isDone(found, step)) return;
  const count = await step.call(shopId, found);
  await withShop(shopId, (tx) => leaveReceipt(tx, caseId, step, count));
}

function leaveReceipt(tx: Tx, caseId: CaseId, step: Step, count: number): Promise<void> {
  return addReceipt(tx, caseId, { step: step.name, at: now().toISOString(), count });
}

async function finish(shopId: ShopId, caseId: CaseId): Promise<void> {
  await withShop(shopId, async (tx) => {
    const found = await lockCase(tx, caseId);
    if (found === null || found.state === 'closed') return;
    await appendAudit(tx, {
      actor: 'system',
      action: `case.close.${found.kind}`,
      object: `case:${caseId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
    await closeCase(tx, caseId, { at: now(), answer: null });
  });
}

async function answerAccess(shopId: ShopId, caseId: CaseId): Promise<void> {
  await withShop(shopId, async (tx) => {
    const found = await lockCase(tx, caseId);
    if (found === null || found.state === 'closed') return;
    const subject = await readCaseSubject(tx, caseId);
    const memberIds = subject === null ? [] : await findSubjectMembers(tx, subject);
    if (subject !== null) await writeCaseMembers(tx, caseId, { memberIds, subject });
    const answer = await collectPersonalData(tx, memberIds, customersOf(subject));
    await addReceipt(tx, caseId, { step: 'collect', at: now().toISOString(), count: memberIds.length });
    // A shop that was erased meanwhile has no key to seal an answer with, and nothing to answer.
    const isReadable = (await findShopKeys(tx)) !== null;
    await closeCase(tx, caseId, { at: now(), answer: isReadable ? JSON.stringify(answer, null, 2) : null });
  });
}

async function findMembers(tx: Tx, found: PrivacyCase): Promise<number> {
  const subject = await readCaseSubject(tx, found.caseId);
  if (subject === null) return 0;
  const memberIds = await findSubjectMembers(tx, subject);
  const members = await readMembers(tx, memberIds);
  const memberCustomerIds = members.flatMap((member) => member.shopifyCustomerId ?? []);
  await writeCaseMembers(tx, found.caseId, { memberIds, subject: { ...subject, memberCustomerIds } });
  return memberIds.length;
}

async function rememberErased(tx: Tx, found: PrivacyCase): Promise<number> {
  const keys = await findShopKeys(tx);
  if (keys === null) return 0;
  const customerIds = customersOf(await readCaseSubject(tx, found.caseId));
  const prints = [
    ...customerIds.map((customerId) => tombstoneOf(keys, `customer/${customerId}`)),
    ...found.memberIds.map((memberId) => tombstoneOf(keys, `member/${memberId}`)),
  ];
  await addTombstones(tx, prints, now());
  return prints.length;
}

async function deleteIdentity(tx: Tx, found: PrivacyCase): Promise<number> {
  // News about people that is being applied now is seen and deleted here; what comes later finds them erased.
  await waitForWriters(tx);
  await lockBalances(tx, found.memberIds);
  await deleteProfiles(tx, found.memberIds);
  await anonymizeEvents(tx, found.memberIds);
  await forgetMessages(tx, found.memberIds);
  const erased = await eraseMembers(tx, found.memberIds);
  // A phone may have fetched the void card between the steps: its code has changed since.
  if (erased > 0) await touchPasses(tx, found.memberIds);
  return erased;
}

/** Which messages they got, and what was written to one of them alone. */
async function forgetMessages(tx: Tx, memberIds: MemberId[]): Promise<void> {
  await forgetRecipients(tx, memberIds);
  await blankCampaignsTo(tx, memberIds);
}

async function cutOrdersLoose(tx: Tx, found: PrivacyCase): Promise<number> {
  const customerIds = customersOf(await readCaseSubject(tx, found.caseId));
  return anonymizeOrders(tx, { customerIds, memberIds: found.memberIds });
}

async function forgetDeliveries(tx: Tx, found: PrivacyCase): Promise<number> {
  return forgetWaitingDeliveries(tx, { customerIds: customersOf(await readCaseSubject(tx, found.caseId)) });
}

async function closeShop(tx: Tx): Promise<number> {
  await waitForWriters(tx);
  await markErased(tx);
  return 1;
}

async function deleteAllIdentity(tx: Tx): Promise<number> {
  await waitForWriters(tx);
  const memberIds = await allMembers(tx);
  await deleteProfiles(tx, memberIds);
  await anonymizeEvents(tx, memberIds);
  await forgetMessages(tx, memberIds);
  await voidPasses(tx, memberIds, now());
  return eraseMembers(tx, memberIds);
}

/** Network calls, so outside any transaction. Google has no delete: every personal field is blanked. */
async function blankGoogle(shopId: ShopId, found: PrivacyCase): Promise<number> {
  return blankCards(shopId, await googleCardsOf(shopId, found));
}

/** A merchant who left may have closed their account at Google first: what it refuses for good holds up nothing. */
async function blankOwnGoogle(shopId: ShopId, found: PrivacyCase): Promise<number> {
  const cards = (await googleCardsOf(shopId, found)).filter(({ issuerId }) => issuerId !== null);
  return blankCards(shopId, cards).catch((error: unknown) => {
    if (error instanceof Rejected) return 0;
    throw error;
  });
}

type GoogleCardOfMember = Awaited<ReturnType<typeof listGoogleCards>>[number];

function googleCardsOf(shopId: ShopId, found: PrivacyCase): Promise<GoogleCardOfMember[]> {
  return withShop(shopId, async (tx) =>
    listGoogleCards(tx, found.kind === 'shop-erasure' ? await allMembers(tx) : found.memberIds),
  );
}

async function blankCards(shopId: ShopId, cards: GoogleCardOfMember[]): Promise<number> {
  let blanked = 0;
  for (const issuerId of new Set(cards.map((card) => card.issuerId))) {
    const wallet = googleWalletOf(await withShop(shopId, (tx) => findGoogleAccount(tx, issuerId)));
    // The platform has none; or the shop's own is gone, with the shop.
    if (wallet === null || (issuerId !== null && wallet.issuerId !== issuerId)) continue;
    const google = wallet.paced({ ...googleTurns(wallet.issuerId, { isBulk: false, patienceMs }), timeoutMs });
    for (const card of cards.filter((each) => each.issuerId === issuerId)) {
      await blankObject(google, card);
      blanked += 1;
    }
  }
  return blanked;
}

async function allMembers(tx: Tx): Promise<MemberId[]> {
  const rows = await tx.query<{ id: MemberId }>('select id from member where shop_id = $1', [tx.shopId]);
  return rows.map((row) => row.id);
}
