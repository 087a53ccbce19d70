/** Published designs, which never change, and which of them a card carries: the live one, or one on its way. */
import type { Tx } from '#app/data/tenancy.ts';
import { type CardDesign, cardDesignSchema } from '#app/domain/cards/card-design.ts';
import { isInRollout } from '#app/domain/cards/rollout.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

/** On all cards it may be on, on some of them, or taken back. */
export type DesignState = 'live' | 'candidate' | 'withdrawn';

export type PublishedDesign = { number: number; design: CardDesign };

/** A design as a card carries it. */
export type CarriedDesign = PublishedDesign & { isCandidate: boolean };

/** A published design never changes, so one that was read once is kept. */
const parsedDesigns = new Map<string, CardDesign>();
const parsedDesignsMax = 5_000;

function parsedDesign(key: string, stored: unknown): CardDesign {
  const known = parsedDesigns.get(key);
  if (known !== undefined) return known;
  const design = cardDesignSchema.parse(stored);
  if (parsedDesigns.size >= parsedDesignsMax) parsedDesigns.clear();
  parsedDesigns.set(key, design);
  return design;
}

const allPercent = 100;

type CarriedRow = {
  number: number;
  design: unknown;
  /** Null for the live design. */
  percent: number | null;
};

/**
 * The design of one pass; where the rollout has not come yet, the live one. Without a pass, the one that is on all cards: also
 * one on its way that has reached them. Null before the first design. One statement, because every card that is drawn asks.
 */
export async function designOfPass(tx: Tx, programId: ProgramId, passId: string | null): Promise<CarriedDesign | null> {
  const rows = await tx.query<CarriedRow>(
    `select d.number, d.design, r.percent from card_design d
     left join card_rollout r on r.shop_id = d.shop_id and r.program_id = d.program_id and r.design_number = d.number
       and r.state in ('running', 'paused') and d.state = 'candidate'
     where d.shop_id = $1 and d.program_id = $2 and (r.id is not null or d.number = (
       select max(l.number) from card_design l where l.shop_id = $1 and l.program_id = $2 and l.state = 'live'))`,
    [tx.shopId, programId],
  );
  const isMine = ({ number, percent }: CarriedRow) =>
    percent !== null &&
    (percent === allPercent || (passId !== null && isInRollout(passId, { designNumber: number, percent })));
  const row = rows.find(isMine) ?? rows.find(({ percent }) => percent === null);
  if (row === undefined) return null;
  return {
    number: row.number,
    design: parsedDesign(`${tx.shopId}:${programId}:${row.number}`, row.design),
    isCandidate: row.percent !== null,
  };
}

export type ListedDesign = {
  number: number;
  design: CardDesign;
  state: DesignState;
  publishedAt: Date;
  publishedBy: string | null;
  /** The older design whose content this is again. */
  restores: number | null;
};

/** Published designs of a program, newest first: those with a lower number than `below`, at most `limit`. */
export async function listCardDesigns(
  tx: Tx,
  programId: ProgramId,
  { below, limit }: { below: number | null; limit: number },
): Promise<ListedDesign[]> {
  const rows = await tx.query<{
    number: number;
    design: unknown;
    state: DesignState;
    published_at: Date;
    published_by: string | null;
    restores: number | null;
  }>(
    `select number, design, state, published_at, published_by, restores from card_design
     where shop_id = $1 and program_id = $2 and number < coalesce($3::int, 2147483647) order by number desc limit $4`,
    [tx.shopId, programId, below, limit],
  );
  return rows.map((row) => ({
    number: row.number,
    design: parsedDesign(`${tx.shopId}:${programId}:${row.number}`, row.design),
    state: row.state,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    restores: row.restores,
  }));
}

/** Makes a candidate live, or takes it back. Safe to repeat. */
export async function setDesignState(
  tx: Tx,
  programId: ProgramId,
  design: { number: number; state: DesignState },
): Promise<void> {
  await tx.query('update card_design set state = $4 where shop_id = $1 and program_id = $2 and number = $3', [
    tx.shopId,
    programId,
    design.number,
    design.state,
  ]);
}

/** Appends a card design. */
export async function insertCardDesign(
  tx: Tx,
  programId: ProgramId,
  published: {
    design: CardDesign;
    at: Date;
    by?: string;
    /** On all cards at once, or on its way. */
    state?: 'live' | 'candidate';
    /** The number of the older design whose content this is again. */
    restores?: number;
  },
): Promise<number> {
  await tx.query('select 1 as one from program where shop_id = $1 and id = $2 for update', [tx.shopId, programId]);
  const [row] = await tx.query<{ number: number }>(
    `insert into card_design (shop_id, program_id, number, design, published_at, published_by, state, restores)
     select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7 from card_design where shop_id = $1 and program_id = $2
     returning number`,
    [
      tx.shopId,
      programId,
      JSON.stringify(published.design),
      published.at,
      published.by ?? null,
      published.state ?? 'live',
      published.restores ?? null,
    ],
  );
  return row?.number ?? 1;
}

/** The design that is shown where there is no card yet, or null before the first. */
export async function newestCardDesign(tx: Tx, programId: ProgramId): Promise<CarriedDesign | null> {
  return designOfPass(tx, programId, null);
}

/** A published design that this process read before, or null; it asks nobody. */
export function knownDesign(shopId: ShopId, design: { programId: ProgramId; number: number }): CardDesign | null {
  return parsedDesigns.get(`${shopId}:${design.programId}:${design.number}`) ?? null;
}

/** One published design of a program, or null. */
export async function findCardDesign(tx: Tx, programId: ProgramId, number: number): Promise<CardDesign | null> {
  const [row] = await tx.query<{ design: unknown }>(
    'select design from card_design where shop_id = $1 and program_id = $2 and number = $3',
    [tx.shopId, programId, number],
  );
  return row === undefined ? null : parsedDesign(`${tx.shopId}:${programId}:${number}`, row.design);
}
