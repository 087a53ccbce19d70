/** What members hold, what will end, and what the program gave, took back and lost, month by month. */
import { type BookedMonth, readBookedMonths } from '#app/data/ledger/liability-months.ts';
import {
  type AgingHolding,
  type Holding,
  liabilityScope,
  readAging,
  readHoldings,
} from '#app/data/ledger/liability.ts';
import {
  listPrograms,
  listRuleVersions,
  type Program,
  readProgram,
  type RuleVersion,
} from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { addMonths, localDateOf } from '#app/domain/calendar.ts';
import { type Figure, figureOf, type LiabilityMonth, monthSeries } from '#app/domain/ledger/liability-figures.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import { type UnitPrice, unitPrices } from '#app/domain/programs/unit-price.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type { Figure, LiabilityMonth } from '#app/domain/ledger/liability-figures.ts';

export type LiabilityUnit = {
  programId: ProgramId;
  programName: string;
  unit: string;
  label: string;
  kind: 'point' | 'stamp';
  price: UnitPrice | null;
  /** All that members could still spend, pending value included. */
  outstanding: Figure;
  /** Of it, what cannot be spent yet. */
  pending: Figure;
  /** Of it, what ends within so many days unless it is spent. */
  expiring30: Figure;
  expiring60: Figure;
  expiring90: Figure;
  /** Below 0: spent before a refund took it back; the next earnings repay it. */
  owed: Figure;
  /** In the months shown. */
  expired: Figure;
  writtenOff: Figure;
  givenBack: Figure;
  /** Oldest first, the running month last. */
  months: LiabilityMonth[];
};

export type LiabilityReport = { currency: string; timeZone: string; at: Date; units: LiabilityUnit[] };

export type AskedLiability = {
  /** Null reports every program of the shop. */
  programId: string | null;
  /** 1 to 36, the running one included. */
  months: number;
};

const monthsMax = 36;
const defaultCurrency = 'USD';

/** The report as things stand now. Throws `NotFound`, `InvalidInput`. */
export async function liabilityReport(shopId: ShopId, asked: AskedLiability): Promise<LiabilityReport> {
  if (!Number.isSafeInteger(asked.months) || asked.months < 1 || asked.months > monthsMax)
    throw new InvalidInput('months-out-of-range', 'A report was asked for too few or too many months', {
      publicMessage: `Choose between 1 and ${monthsMax} months.`,
    });
  return withShop(shopId, async (tx) => {
    const at = now();
    const shop = await readShop(tx);
    const currency = shop.currency ?? defaultCurrency;
    const months = monthsUntil(at, shop.timeZone, asked.months);
    const programs = await findPrograms(tx, asked.programId);
    const scope = await liabilityScope(tx, asked.programId as ProgramId | null);
    const [fromMonth = ''] = months;
    const versions = await listRuleVersions(tx);
    const holdings = await readHoldings(tx, scope);
    const aging = await readAging(tx, scope, at);
    const booked = await readBookedMonths(tx, scope, { timeZone: shop.timeZone, fromMonth });
    const units = programs.flatMap((program) =>
      programUnits(program, { versions, holdings, aging, booked, months, currency }),
    );
    return { currency, timeZone: shop.timeZone, at, units };
  });
}

async function findPrograms(tx: Tx, programId: string | null): Promise<Program[]> {
  return programId === null ? listPrograms(tx) : [await readProgram(tx, programId as ProgramId)];
}

function monthsUntil(at: Date, timeZone: string, count: number): string[] {
  const today = localDateOf(at, timeZone);
  return Array.from({ length: count }, (_, index) => {
    const { year, month } = addMonths({ ...today, day: 1 }, index + 1 - count);
    return `${year}-${String(month).padStart(2, '0')}`;
  });
}

type Counted = {
  versions: RuleVersion[];
  holdings: Holding[];
  aging: AgingHolding[];
  booked: BookedMonth[];
  months: string[];
  currency: string;
};

/** The units of the newest version, and older ones that members still hold or that something was booked in. */
function programUnits({ programId, draft }: Program, counted: Counted): LiabilityUnit[] {
  const documents = counted.versions.filter((version) => version.programId === programId).map((one) => one.document);
  const [newest] = documents;
  if (newest === undefined) return [];
  const known = new Map(
    documents.toReversed().flatMap(({ units }) => units.map((unit): [string, Unit] => [unit.id, unit])),
  );
  const mine = <Row extends { programId: ProgramId }>(rows: Row[]) => rows.filter((row) => row.programId === programId);
  const held = mine(counted.holdings).filter(
    ({ outstanding, owed, erased }) => outstanding + owed + Math.abs(erased) > 0,
  );
  const names = [
    ...newest.units.map(({ id }) => id),
    ...held.map(({ unit }) => unit),
    ...mine(counted.booked).map(({ unit }) => unit),
  ];
  const prices = unitPrices(newest, counted.currency);
  return [...new Set(names)].map((unit) => ({
    programId,
    programName: newest.name ?? draft.name,
    unit,
    label: known.get(unit)?.label ?? unit,
    kind: known.get(unit)?.kind ?? 'point',
    ...unitFigures(unit, prices.get(unit) ?? null, {
      ...counted,
      holdings: mine(counted.holdings),
      aging: mine(counted.aging),
      booked: mine(counted.booked),
    }),
  }));
}

function unitFigures(unit: string, price: UnitPrice | null, counted: Counted) {
  const of = <Row extends { unit: string }>(rows: Row[]) => rows.filter((row) => row.unit === unit);
  const [holding] = of(counted.holdings);
  const [aging] = of(counted.aging);
  const { outstanding, owed, erased } = holding ?? { outstanding: 0, owed: 0, erased: 0 };
  const booked = new Map(of(counted.booked).map((month) => [month.month, month]));
  const months = monthSeries(
    counted.months,
    new Map([...booked].map(([month, { programId: _program, unit: _unit, ...figures }]) => [month, figures])),
    { heldNow: outstanding - owed, erased },
  );
  const sum = (key: 'expired' | 'writtenOff' | 'givenBack') => months.reduce((total, month) => total + month[key], 0);
  const figure = (amount: number) => figureOf(amount, price);
  return {
    price,
    outstanding: figure(outstanding),
    pending: figure(aging?.pending ?? 0),
    expiring30: figure(aging?.expiring30 ?? 0),
    expiring60: figure(aging?.expiring60 ?? 0),
    expiring90: figure(aging?.expiring90 ?? 0),
    owed: figure(owed),
    expired: figure(sum('expired')),
    writtenOff: figure(sum('writtenOff')),
    givenBack: figure(sum('givenBack')),
    months,
  };
}
