/** What a simulation says: what orders of the past earned, and what they would have earned under another document. */

export const simulationLimits = { ordersMax: 20_000, ordersDefault: 1_000 } as const;

/** A member whose balance would differ, by opaque id. */
export type AffectedMember = { memberId: string; before: number; after: number };

/** One unit's figures. Money is in minor units of the shop's currency, rounded up; null where no reward prices the unit. */
export type SimulatedUnit = {
  unit: string;
  label: string;
  kind: 'point' | 'stamp';
  /** What is booked for these orders, and what the document would have given. */
  before: number;
  after: number;
  beforeValueMinor: number | null;
  afterValueMinor: number | null;
  /** What the program's members hold now, and what they would hold had these orders earned by the document. */
  outstanding: number;
  outstandingAfter: number;
  outstandingValueMinor: number | null;
  outstandingAfterValueMinor: number | null;
  /** Members who would have more, less, or the same. */
  winners: number;
  losers: number;
  unchanged: number;
  /** The ten with the largest difference either way, the largest first. */
  mostAffected: AffectedMember[];
};

/** What one rule of the document gave, and to how many orders. */
export type SimulatedRule = { ruleId: string; name: string | null; unit: string; amount: number; orders: number };

/** One step of the chart: per unit before and after. `day` is a day (2026-11-21) or a month (2026-11) of the shop's calendar. */
export type SimulatedDay = { day: string; units: { unit: string; before: number; after: number }[] };

export type SimulationResult = {
  /** The shop's currency. */
  currency: string;
  orders: number;
  members: number;
  /** Orders that must be looked up in Shopify before anybody can say what they earn; they count as 0 → 0. */
  ordersWithoutFacts: number;
  /** First and last day of the orders' sales; null without orders. */
  fromDay: string | null;
  toDay: string | null;
  units: SimulatedUnit[];
  rules: SimulatedRule[];
  /** Oldest first. Days, or months when the orders reach back more than a year. */
  series: SimulatedDay[];
  step: 'day' | 'month';
};
