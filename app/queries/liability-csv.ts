/** The liability report as CSV: piece by piece, so that a large shop never sits in memory. */
import { type HoldingMember, listHoldingMembers } from '#app/data/ledger/liability-members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { toDecimal } from '#app/domain/money.ts';
import type { UnitPrice } from '#app/domain/programs/unit-price.ts';
import { valueOf } from '#app/domain/programs/unit-price.ts';
import { csvLine } from '#app/lib/csv.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';
import { type LiabilityReport, liabilityReport } from '#app/queries/liability-report.ts';

/** `months`: a line per unit and month. `members`: a line per member and unit, by opaque id. */
export type LiabilityCsv = 'months' | 'members';

export type AskedCsv = { programId: string | null; months: number; kind: LiabilityCsv };

const membersPerPiece = 1_000;

/**
 * Text in pieces, header first, ending in a line break each. Cells that a spreadsheet would calculate are neutralised.
 * Throws `NotFound` and `InvalidInput` before the first piece.
 */
export async function* liabilityCsv(shopId: ShopId, asked: AskedCsv): AsyncGenerator<string> {
  const report = await liabilityReport(shopId, asked);
  if (asked.kind === 'months') yield monthsCsv(report);
  else yield* membersCsv(shopId, asked.programId, report);
}

function monthsCsv({ units, currency }: LiabilityReport): string {
  const header = ['Program', 'Unit', 'Month', 'Earned', 'Taken back', 'Spent', 'Given back', 'Expired', 'Written off', 'Outstanding', `Outstanding in ${currency}`]; // prettier-ignore
  const lines = units.flatMap(({ programName, label, price, months }) =>
    months.map((month) =>
      csvLine([
        programName,
        label,
        month.month,
        month.earned,
        month.takenBack,
        month.spent,
        month.givenBack,
        month.expired,
        month.writtenOff,
        month.outstanding,
        money(month.outstanding, price, currency),
      ]),
    ),
  );
  return [csvLine(header), ...lines].join('');
}

async function* membersCsv(shopId: ShopId, programId: string | null, report: LiabilityReport): AsyncGenerator<string> {
  const { units, currency, at } = report;
  yield csvLine(['Member', 'Program', 'Unit', 'Outstanding', `Outstanding in ${currency}`, 'Pending', 'Expiring in 30 days', 'Expiring in 60 days', 'Expiring in 90 days', 'Owed']); // prettier-ignore
  const known = new Map(units.map((unit) => [`${unit.programId}/${unit.unit}`, unit]));
  const lineOf = (member: HoldingMember): string => {
    const unit = known.get(`${member.programId}/${member.unit}`);
    return csvLine([
      member.memberId,
      unit?.programName ?? '',
      unit?.label ?? member.unit,
      member.outstanding,
      money(member.outstanding, unit?.price ?? null, currency),
      member.pending,
      member.expiring30,
      member.expiring60,
      member.expiring90,
      member.owed,
    ]);
  };
  let after: MemberId | null = null;
  for (;;) {
    const page: { members: HoldingMember[]; last: MemberId | null } = await withShop(shopId, (tx) =>
      listHoldingMembers(tx, { programId: programId as ProgramId | null, after, limit: membersPerPiece, at }),
    );
    if (page.members.length > 0) yield page.members.map(lineOf).join('');
    if (page.last === null) return;
    after = page.last;
  }
}

/** A plain decimal, as spreadsheets add it up; empty where no reward prices the unit. */
function money(amount: number, price: UnitPrice | null, currency: string): number | string | null {
  const minor = valueOf(amount, price ?? undefined);
  if (minor === null) return null;
  return toDecimal({ minor, currency }) ?? minor;
}
