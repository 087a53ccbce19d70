/** One member: what they have, why, on which devices, and what they agreed to. */
import { readConsents } from '#app/data/privacy/chains.ts';
import { countDevices } from '#app/data/cards/devices.ts';
import { type ListedEntry, listEntries } from '#app/data/ledger/ledger-audit.ts';
import { readBalances } from '#app/data/ledger/ledger.ts';
import { readMember } from '#app/data/members/members.ts';
import { readOrderFacts, type OrderFacts } from '#app/data/orders/orders.ts';
import { listPasses } from '#app/data/cards/passes.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { type ListedMember, presentMember, type ShownBalance, unitsById } from '#app/queries/list-members.ts';

export type ShownEntry = {
  id: string;
  kind: ListedEntry['kind'];
  unit: string;
  amount: number;
  source: string;
  orderId: string | null;
  orderNumber: string | null;
  reason: string | null;
  actor: string | null;
  occurredAt: Date;
  explanation: { label: string; lineId: string | null; eligible: string | null; amount: number }[];
};

export type MemberDetail = {
  member: Omit<ListedMember, 'balances'>;
  balances: ShownBalance[];
  entries: ShownEntry[];
  entriesNextCursor: string | null;
  passes: {
    serial: string;
    wallet: string;
    state: string;
    version: number;
    announcedVersion: number | null;
    seenVersion: number | null;
    seenAt: Date | null;
    devices: number;
  }[];
  consents: { purpose: string; channel: string; granted: boolean; at: Date; source: string }[];
};

const entriesPerPage = 50;
const cursorPattern = /^\d{1,18}$/;

/** Everything the member's page shows. Throws `NotFound`. */
export async function memberDetail(
  shopId: ShopId,
  memberId: string,
  page: { entriesCursor?: string },
): Promise<MemberDetail> {
  return withShop(shopId, async (tx) => {
    const found = await readMember(tx, memberId);
    const versions = await listRuleVersions(tx);
    const units = unitsById(versions.flatMap((version) => version.document.units));
    const profile = (await readProfiles(tx, [memberId])).get(memberId);
    const { balances, ...member } = presentMember(found, profile, await readBalances(tx, [memberId]), units);
    const before = cursorPattern.test(page.entriesCursor ?? '') ? (page.entriesCursor ?? null) : null;
    const listed = await listEntries(tx, memberId, { before, limit: entriesPerPage + 1 });
    const entries = listed.slice(0, entriesPerPage);
    const orderIds = entries.flatMap((entry) => entry.orderId ?? []);
    const orders = await readOrderFacts(tx, orderIds);
    const documents = versions.map((version) => version.document);
    const passes = await listPasses(tx, [memberId]);
    const devices = await countDevices(
      tx,
      passes.map((pass) => pass.passId),
    );
    return {
      member,
      balances,
      entries: entries.map((entry) => presentEntry(entry, orders.get(entry.orderId ?? ''), documents)),
      entriesNextCursor: listed.length > entriesPerPage ? (entries.at(-1)?.entryId ?? null) : null,
      passes: passes.map((pass) => ({ ...pass, devices: devices.get(pass.passId) ?? 0 })),
      consents: (await readConsents(tx, memberId)).map(({ occurredAt, ...consent }) => ({
        ...consent,
        at: occurredAt,
      })),
    };
  });
}

function presentEntry(entry: ListedEntry, order: OrderFacts | undefined, documents: ProgramDocument[]): ShownEntry {
  return {
    id: entry.entryId,
    kind: entry.kind,
    unit: entry.unit,
    amount: entry.amount,
    source: entry.source,
    orderId: entry.orderId,
    orderNumber: order?.orderNumber == null ? null : `#${order.orderNumber}`,
    reason: entry.reason,
    actor: entry.actor,
    occurredAt: entry.occurredAt,
    explanation: partsOf(entry.explanation).map((part) => ({
      label: labelOf(part.ruleId, documents),
      lineId: part.lineId,
      eligible:
        part.eligibleMinor === null || order === undefined
          ? null
          : formatMinor({ minor: part.eligibleMinor, currency: order.currency, locale: 'en' }),
      amount: part.amount,
    })),
  };
}

type Part = { ruleId: string; lineId: string | null; eligibleMinor: number | null; amount: number };

/** Explanations are written by settlement; entries of another kind have none. */
function partsOf(explanation: unknown): Part[] {
  if (typeof explanation !== 'object' || explanation === null || !('parts' in explanation)) return [];
  return Array.isArray(explanation.parts) ? (explanation.parts as Part[]) : [];
}

function labelOf(ruleId: string, documents: ProgramDocument[]): string {
  for (const document of documents) {
    const rule = document.earnRules.find((candidate) => candidate.id === ruleId);
    const unit = document.units.find((candidate) => candidate.id === rule?.unit)?.label ?? '';
    if (rule?.kind === 'spend') return `${unit} for what was spent`;
    if (rule?.kind === 'item') return `${unit} for each item`;
    if (rule?.kind === 'visit') return `${unit} for the visit`;
  }
  return ruleId;
}
