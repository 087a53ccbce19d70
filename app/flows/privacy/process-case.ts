/**
 * Privacy cases: access and portability are answered from what we hold; the rest goes step by step, each with a receipt, so
 * that a worker killed between any two steps is followed by one that goes on where it stopped. A case that is done carries a
 * signed certificate of what was done.
 */
import { deleteIssuers } from '#app/data/cards/apple-issuers.ts';
import { findGoogleAccount } from '#app/data/cards/google-issuers.ts';
import { listGoogleCards } from '#app/data/cards/google-objects.ts';
import { googleTurns } from '#app/data/cards/google-turns.ts';
import { voidPasses } from '#app/data/cards/passes.ts';
import { collectPersonalData, findSubjectMembers } from '#app/data/members/data-subjects.ts';
import { forgetWaitingDeliveries } from '#app/data/orders/inbox.ts';
import { allIdsOf } from '#app/data/members/merged-customers.ts';
import { describeDone } from '#app/data/privacy/case-certificate.ts';
import { addReceipt, type Progress } from '#app/data/privacy/case-progress.ts';
import { runStep, type Step } from '#app/data/privacy/case-steps.ts';
import {
  closeCase,
  customersOf,
  lockCase,
  type PrivacyCase,
  readCaseSubject,
  writeCaseMembers,
} from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { destroyConsentKeys } from '#app/data/privacy/consent-keys.ts';
import {
  clearCaches,
  cutOrdersLoose,
  deleteIdentity,
  endRegistrations,
  findMembers,
  fingerprintsOf,
  forgetDeliveries,
  forgetMessages,
  rememberErased,
} from '#app/data/privacy/erasure-steps.ts';
import {
  clearAllCaches,
  closeShop,
  cutAllOrdersLoose,
  deleteAllIdentity,
  deleteWatched,
  destroyAllKeys,
  endAllRegistrations,
  forgetAllMessages,
  listMemberIds,
} from '#app/data/privacy/shop-erasure-steps.ts';
import { rectify, restrict, stopMarketing } from '#app/data/privacy/subject-rights.ts';
import { deleteStaff } from '#app/data/access/staff.ts';
import { deleteApiClients } from '#app/data/shops/api-clients.ts';
import { deleteSessions } from '#app/data/shops/sessions.ts';
import { findShopKeys, readShop, shredShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CaseKind } from '#app/domain/privacy/case.ts';
import { portableDocument } from '#app/domain/privacy/subject-document.ts';
import { blankObject } from '#app/gateways/google-cards.ts';
import { keepErasure } from '#app/gateways/erasure-store.ts';
import { googleWalletOf } from '#app/gateways/google-issuers.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Rejected } from '#app/lib/errors.ts';
import { signEvidence } from '#app/lib/evidence.ts';
import type { CaseId, ShopId } from '#app/lib/ids.ts';

const patienceMs = 10_000;
const timeoutMs = 10_000;
const googleMembersPerSlice = 100;
/** After this long a case hands over to the next, so that nobody's erasure waits for a shop of a million members. */
const turnMs = 20_000;

const erasureSteps: Step[] = [
  { name: 'find members', change: findMembers },
  { name: 'remember as erased', change: rememberErased },
  { name: 'remember outside the backups', call: keepOutside },
  { name: 'void passes and tell the devices', change: (tx, found) => voidPasses(tx, found.memberIds, now()) },
  { name: 'delete profiles and close memberships', change: deleteIdentity },
  { name: 'forget messages', change: (tx, found) => forgetMessages(tx, found.memberIds) },
  { name: 'cut orders loose', change: cutOrdersLoose },
  { name: 'forget waiting deliveries', change: forgetDeliveries },
  { name: 'clear caches', change: (tx, found) => clearCaches(tx, found.memberIds) },
  { name: 'destroy personal keys', change: (tx, found) => destroyConsentKeys(tx, found.memberIds) },
  { name: 'delete registrations', attempt: endRegistrations },
  // Last, so that a Google that does not answer holds up nothing of our own.
  { name: 'blank Google objects', call: blankGoogle },
];

const shopErasureSteps: Step[] = [
  { name: 'remember outside the backups', call: keepOutside },
  { name: 'keep nothing that still arrives', change: closeShop },
  { name: 'delete registrations', slice: endAllRegistrations },
  { name: 'delete sessions', change: deleteSessions },
  { name: 'delete API clients', change: deleteApiClients },
  { name: 'delete people', change: deleteStaff },
  { name: 'delete what was watched', slice: deleteWatched },
  { name: 'delete profiles and close memberships', slice: deleteAllIdentity },
  { name: 'forget messages', slice: forgetAllMessages },
  { name: 'cut orders loose', slice: cutAllOrdersLoose },
  { name: 'forget waiting deliveries', change: (tx) => forgetWaitingDeliveries(tx, 'everybody') },
  { name: 'clear caches', slice: clearAllCaches },
  { name: 'destroy personal keys', slice: destroyAllKeys },
  // Only with the account that the next step takes away.
  { name: 'blank Google objects of own issuers', call: blankOwnGoogle },
  { name: 'delete wallet certificates', change: deleteIssuers },
  // Without the key nothing sealed of this shop can be read again, in backups either.
  { name: 'destroy the data key', change: (tx) => shredShop(tx).then(() => 1) },
  { name: 'blank Google objects', call: blankAllGoogle },
];

const stepsOf: Record<Exclude<CaseKind, 'access' | 'portability'>, Step[]> = {
  erasure: erasureSteps,
  'shop-erasure': shopErasureSteps,
  rectification: [{ name: 'correct the profile', change: rectify }],
  restriction: [{ name: 'restrict the membership', change: restrict }],
  objection: [{ name: 'stop marketing and profiling', change: stopMarketing }],
};

export type ProcessCase = { shopId: ShopId; caseId: string; reach?: 'own-records' };

/**
 * Works a case to its end, or as far as it goes now: where phones are waited for, it asks to be taken up again. Safe to
 * repeat, and to take up after a crash. Throws `Unavailable` when Google does not answer. With a `reach` of its own records
 * it calls nobody, and leaves the case open to be finished by a job: a restored database must not wait for others.
 */
export async function processCase({ shopId, caseId, reach }: ProcessCase): Promise<void> {
  const found = await withShop(shopId, (tx) => lockCase(tx, caseId));
  if (found === null || found.state === 'closed') return;
  if (found.kind === 'access' || found.kind === 'portability') return answerCase(shopId, found.caseId);
  const waits: number[] = [];
  const endsAt = performance.now() + turnMs;
  // A restored database is opened to others only when this is through.
  const isOver = () => reach !== 'own-records' && performance.now() > endsAt;
  for (const step of stepsOf[found.kind]) {
    if (reach === 'own-records' && 'call' in step) continue;
    const outcome = await runStep(shopId, { caseId: found.caseId, step, isOver });
    if (outcome === 'more') return withShop(shopId, (tx) => enqueue(tx, 'process-case', { caseId: found.caseId }));
    if (outcome !== null) waits.push(outcome.waitMs);
  }
  if (reach === 'own-records') return;
  if (waits.length === 0) return finish(shopId, found.caseId);
  const again = new Date(Date.now() + Math.min(...waits));
  await withShop(shopId, (tx) => enqueue(tx, 'process-case', { caseId: found.caseId }, again));
}

async function finish(shopId: ShopId, caseId: CaseId): Promise<void> {
  await withShop(shopId, async (tx) => {
    const found = await lockCase(tx, caseId);
    if (found !== null && found.state === 'open') await close(tx, found, null);
  });
}

/** Closes a case whose steps are all done. */
async function close(tx: Tx, found: PrivacyCase, answer: string | null): Promise<void> {
  const at = now();
  await appendAudit(tx, {
    actor: 'system',
    action: `case.close.${found.kind}`,
    object: `case:${found.caseId}`,
    beforeHash: null,
    afterHash: null,
    reason: null,
    occurredAt: at,
  });
  const certificate = signEvidence(await describeDone(tx, found, at));
  await closeCase(tx, found.caseId, { at, answer, certificate });
}

async function answerCase(shopId: ShopId, caseId: CaseId): Promise<void> {
  await withShop(shopId, async (tx) => {
    // Else a copy could be made of somebody who is being erased, and outlast them.
    await keepErasureOut(tx);
    const found = await lockCase(tx, caseId);
    if (found === null || found.state === 'closed') return;
    const subject = await readCaseSubject(tx, caseId);
    const memberIds = subject === null ? [] : await findSubjectMembers(tx, subject);
    if (subject !== null) await writeCaseMembers(tx, caseId, { memberIds, subject });
    const { name, domain } = await readShop(tx);
    const data = await collectPersonalData(tx, memberIds, await allIdsOf(tx, customersOf(subject)));
    const answer = portableDocument({ shop: { name, domain }, at: now(), data });
    await addReceipt(tx, caseId, { step: 'collect', at: now().toISOString(), count: memberIds.length });
    const collected = await lockCase(tx, caseId);
    // A shop that was erased meanwhile has no key to seal an answer with, and nothing to answer.
    const isReadable = (await findShopKeys(tx)) !== null;
    if (collected !== null) await close(tx, collected, isReadable ? JSON.stringify(answer, null, 2) : null);
  });
}

/**
 * A backup taken before the erasure brings people back: this is what a restore erases them again by. It must be kept before
 * anything is erased, so that no erasure is ever certified that a backup could undo.
 */
async function keepOutside(shopId: ShopId, found: PrivacyCase): Promise<Progress> {
  // What a restore erases again is kept already, under the case that erased it first.
  if (found.origin === 'restore') return { count: 0, after: null };
  const prints = await withShop(shopId, (tx) => fingerprintsOf(tx, found));
  await keepErasure({
    of: found.kind === 'shop-erasure' ? 'shop-erasure' : 'erasure',
    shopId,
    caseId: found.caseId,
    memberIds: found.memberIds,
    fingerprints: prints.map((print) => print.toString('base64')),
    // Backups go by the real clock, whatever the rules see.
    erasedAt: new Date().toISOString(),
  });
  return { count: 1, after: null };
}

type CardsOfMembers = Awaited<ReturnType<typeof listGoogleCards>>;

/** Network calls, so outside any transaction. Google has no delete: every personal field is blanked. */
async function blankGoogle(shopId: ShopId, { memberIds }: PrivacyCase): Promise<Progress> {
  const cards = await withShop(shopId, (tx) => listGoogleCards(tx, memberIds));
  return { count: await blankCards(shopId, cards), after: null };
}

async function blankAllGoogle(shopId: ShopId, _found: PrivacyCase, before: string | null): Promise<Progress> {
  const { cards, after } = await nextGoogleCards(shopId, before);
  return { count: await blankCards(shopId, cards), after };
}

/** A merchant who left may have closed their account at Google first: what it refuses for good holds up nothing. */
async function blankOwnGoogle(shopId: ShopId, _found: PrivacyCase, before: string | null): Promise<Progress> {
  const { cards, after } = await nextGoogleCards(shopId, before);
  const own = cards.filter(({ issuerId }) => issuerId !== null);
  const count = await blankCards(shopId, own).catch((error: unknown) => {
    if (error instanceof Rejected) return 0;
    throw error;
  });
  return { count, after };
}

function nextGoogleCards(
  shopId: ShopId,
  before: string | null,
): Promise<{ cards: CardsOfMembers; after: string | null }> {
  return withShop(shopId, async (tx) => {
    const { memberIds, after } = await listMemberIds(tx, before, googleMembersPerSlice);
    return { cards: await listGoogleCards(tx, memberIds), after };
  });
}

async function blankCards(shopId: ShopId, cards: CardsOfMembers): Promise<number> {
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
