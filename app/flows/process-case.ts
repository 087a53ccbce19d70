/**
 * Privacy cases: access is answered from what we hold; erasure goes step by step, each with a receipt, so that a worker
 * killed between any two steps is followed by one that goes on where it stopped.
 */
import {
  addReceipt,
  addTombstones,
  closeCase,
  lockCase,
  type PrivacyCase,
  readCaseSubject,
  tombstoneOf,
  writeCaseMembers,
} from '#app/data/cases.ts';
import { appendAudit } from '#app/data/chains.ts';
import { deleteDevices } from '#app/data/devices.ts';
import { collectPersonalData, findSubjectMembers } from '#app/data/data-subjects.ts';
import { forgetIdentityDeliveries } from '#app/data/inbox.ts';
import { lockBalances } from '#app/data/ledger.ts';
import { eraseMembers } from '#app/data/members.ts';
import { anonymizeOrders } from '#app/data/orders.ts';
import { listPasses, voidPasses } from '#app/data/passes.ts';
import { deleteProfiles } from '#app/data/profiles.ts';
import { deleteSessions } from '#app/data/sessions.ts';
import { findShopKeys, shredShop } from '#app/data/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { googleWallet } from '#app/gateways/connections.ts';
import { blankObject } from '#app/gateways/google-cards.ts';
import { now } from '#app/lib/clock.ts';
import type { CaseId, MemberId, ShopId } from '#app/lib/ids.ts';

type Step = { name: string; run: (shopId: ShopId, found: PrivacyCase) => Promise<number> };

/** A step inside one transaction of its own, with its receipt. */
const inTransaction =
  (work: (tx: Tx, found: PrivacyCase) => Promise<number>): Step['run'] =>
  (shopId, found) =>
    withShop(shopId, (tx) => work(tx, found));

const erasureSteps: Step[] = [
  { name: 'find members', run: inTransaction(findMembers) },
  { name: 'remember as erased', run: inTransaction(rememberErased) },
  { name: 'void passes and tell the devices', run: inTransaction((tx, found) => voidPasses(tx, found.memberIds, now())) },
  { name: 'blank Google objects', run: blankGoogle },
  { name: 'delete profiles and close memberships', run: inTransaction(deleteIdentity) },
  { name: 'cut orders loose', run: inTransaction(cutOrdersLoose) },
  { name: 'forget waiting deliveries', run: inTransaction((tx) => forgetIdentityDeliveries(tx)) },
];

const shopErasureSteps: Step[] = [
  { name: 'delete registrations', run: inTransaction(async (tx) => deleteDevices(tx, await allMembers(tx))) },
  { name: 'delete sessions', run: inTransaction(deleteSessions) },
  { name: 'blank Google objects', run: blankGoogle },
  {
    name: 'delete profiles and close memberships',
    run: inTransaction(async (tx) => {
      const memberIds = await allMembers(tx);
      await deleteProfiles(tx, memberIds);
      return eraseMembers(tx, memberIds);
    }),
  },
  {
    name: 'cut orders loose',
    run: inTransaction(async (tx) => anonymizeOrders(tx, { customerId: null, memberIds: await allMembers(tx) })),
  },
  { name: 'forget waiting deliveries', run: inTransaction((tx) => forgetIdentityDeliveries(tx)) },
];

/** Works a case to its end. Safe to repeat, and to take up after a crash. */
export async function processCase({ shopId, caseId }: { shopId: ShopId; caseId: string }): Promise<void> {
  const found = await withShop(shopId, (tx) => lockCase(tx, caseId));
  if (found === null || found.state === 'closed') return;
  if (found.kind === 'access') return answerAccess(shopId, found.caseId);
  const steps = found.kind === 'erasure' ? erasureSteps : shopErasureSteps;
  for (const step of steps) await runStep(shopId, found.caseId, step);
  await finish(shopId, found);
}

async function runStep(shopId: ShopId, caseId: CaseId, step: Step): Promise<void> {
  const found = await withShop(shopId, (tx) => lockCase(tx, caseId));
  if (found === null || found.receipts.some((receipt) => receipt.step === step.name)) return;
  const count = await step.run(shopId, found);
  await withShop(shopId, (tx) => addReceipt(tx, caseId, { step: step.name, at: now().toISOString(), count }));
}

async function finish(shopId: ShopId, found: PrivacyCase): Promise<void> {
  await withShop(shopId, async (tx) => {
    await appendAudit(tx, {
      actor: 'system',
      action: `case.close.${found.kind}`,
      object: `case:${found.caseId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
    await closeCase(tx, found.caseId, { at: now(), answer: null });
    // Last of all: without the key nothing sealed of this shop can be read again, in backups either.
    if (found.kind === 'shop-erasure') await shredShop(tx);
  });
}

async function answerAccess(shopId: ShopId, caseId: CaseId): Promise<void> {
  await withShop(shopId, async (tx) => {
    const subject = await readCaseSubject(tx, caseId);
    const memberIds = subject === null ? [] : await findSubjectMembers(tx, subject);
    await writeCaseMembers(tx, caseId, memberIds);
    const answer = await collectPersonalData(tx, memberIds);
    await addReceipt(tx, caseId, { step: 'collect', at: now().toISOString(), count: memberIds.length });
    await closeCase(tx, caseId, { at: now(), answer: JSON.stringify(answer, null, 2) });
  });
}

async function findMembers(tx: Tx, found: PrivacyCase): Promise<number> {
  const subject = await readCaseSubject(tx, found.caseId);
  const memberIds = subject === null ? [] : await findSubjectMembers(tx, subject);
  await writeCaseMembers(tx, found.caseId, memberIds);
  return memberIds.length;
}

async function rememberErased(tx: Tx, found: PrivacyCase): Promise<number> {
  const keys = await findShopKeys(tx);
  const subject = await readCaseSubject(tx, found.caseId);
  if (keys === null || subject === null) return 0;
  const prints = [
    ...(subject.customerId === null ? [] : [tombstoneOf(keys, `customer/${subject.customerId}`)]),
    ...found.memberIds.map((memberId) => tombstoneOf(keys, `member/${memberId}`)),
  ];
  await addTombstones(tx, prints, now());
  return prints.length;
}

async function deleteIdentity(tx: Tx, found: PrivacyCase): Promise<number> {
  // Settlement locks balances first and reads members after: it sees them erased, or is done before.
  await lockBalances(tx, found.memberIds);
  await deleteProfiles(tx, found.memberIds);
  return eraseMembers(tx, found.memberIds);
}

async function cutOrdersLoose(tx: Tx, found: PrivacyCase): Promise<number> {
  const subject = await readCaseSubject(tx, found.caseId);
  return anonymizeOrders(tx, { customerId: subject?.customerId ?? null, memberIds: found.memberIds });
}

/** Network calls, so outside any transaction. Google has no delete: every personal field is blanked. */
async function blankGoogle(shopId: ShopId, found: PrivacyCase): Promise<number> {
  const google = googleWallet();
  if (google === null) return 0;
  const cards = await withShop(shopId, async (tx) => {
    const memberIds = found.kind === 'shop-erasure' ? await allMembers(tx) : found.memberIds;
    return listPasses(tx, memberIds);
  });
  const mine = cards.filter((pass) => pass.wallet === 'google');
  const programOf = await withShop(shopId, (tx) => programsOfMembers(tx, mine.map((pass) => pass.memberId)));
  for (const pass of mine)
    await blankObject(google, { programId: programOf.get(pass.memberId) ?? '', serial: pass.serial });
  return mine.length;
}

async function programsOfMembers(tx: Tx, memberIds: MemberId[]): Promise<Map<MemberId, string>> {
  const rows = await tx.query<{ id: MemberId; program_id: string }>(
    'select id, program_id from member where shop_id = $1 and id = any($2)',
    [tx.shopId, memberIds],
  );
  return new Map(rows.map((row) => [row.id, row.program_id]));
}

async function allMembers(tx: Tx): Promise<MemberId[]> {
  const rows = await tx.query<{ id: MemberId }>('select id from member where shop_id = $1', [tx.shopId]);
  return rows.map((row) => row.id);
}
