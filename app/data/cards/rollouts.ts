/**
 * Rollouts of new designs. One at a time for each program; its row says on how many of a hundred cards the design is. What
 * is over stays as it ended.
 */
import { setDesignState } from '#app/data/cards/card-designs.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type BucketRange, rolloutStepMs, type RolloutState } from '#app/domain/cards/rollout.ts';
import { Conflict } from '#app/lib/errors.ts';
import { isId, newId, type ProgramId } from '#app/lib/ids.ts';

export type Rollout = {
  rolloutId: string;
  programId: ProgramId;
  designNumber: number;
  state: RolloutState;
  percent: number;
  /** Cards asked to be redrawn so far. */
  touched: number;
  problem: string | null;
  createdBy: string;
  createdAt: Date;
  stepAt: Date;
  finishedAt: Date | null;
};

type RolloutRow = {
  id: string;
  program_id: ProgramId;
  design_number: number;
  state: RolloutState;
  percent: number;
  touched: number;
  problem: string | null;
  created_by: string;
  created_at: Date;
  step_at: Date;
  finished_at: Date | null;
};

const columns =
  'id, program_id, design_number, state, percent, touched::int as touched, problem, created_by, created_at, step_at, finished_at';

function toRollout(row: RolloutRow): Rollout {
  return {
    rolloutId: row.id,
    programId: row.program_id,
    designNumber: row.design_number,
    state: row.state,
    percent: row.percent,
    touched: row.touched,
    problem: row.problem,
    createdBy: row.created_by,
    createdAt: row.created_at,
    stepAt: row.step_at,
    finishedAt: row.finished_at,
  };
}

/** The newest rollout of a program, over or not; null before the first. */
export async function newestRollout(tx: Tx, programId: ProgramId): Promise<Rollout | null> {
  const [row] = await tx.query<RolloutRow>(
    `select ${columns} from card_rollout where shop_id = $1 and program_id = $2 order by created_at desc, id desc limit 1`,
    [tx.shopId, programId],
  );
  return row === undefined ? null : toRollout(row);
}

/** Holds one rollout until the transaction ends; null when there is none of this id. */
export async function lockRollout(tx: Tx, rolloutId: string): Promise<Rollout | null> {
  if (!isId(rolloutId)) return null;
  const [row] = await tx.query<RolloutRow>(
    `select ${columns} from card_rollout where shop_id = $1 and id = $2 for no key update`,
    [tx.shopId, rolloutId],
  );
  return row === undefined ? null : toRollout(row);
}

/** Holds the rollout of a program that is not over; null when there is none. */
export async function lockOpenRollout(tx: Tx, programId: ProgramId): Promise<Rollout | null> {
  const [row] = await tx.query<RolloutRow>(
    `select ${columns} from card_rollout where shop_id = $1 and program_id = $2 and state in ('running', 'paused')
     for no key update`,
    [tx.shopId, programId],
  );
  return row === undefined ? null : toRollout(row);
}

/** Throws `Conflict` (`rollout-open`) while a design of the program is on its way. */
export async function refuseOpenRollout(tx: Tx, programId: ProgramId): Promise<void> {
  if ((await lockOpenRollout(tx, programId)) === null) return;
  throw new Conflict('rollout-open', 'Another design is on its way', {
    publicMessage: 'A new design is on its way to the cards. Finish it or take it back first.',
  });
}

/** Begins a rollout: its first cards are redrawn, and its next step is due. The caller holds the program. */
export async function insertRollout(
  tx: Tx,
  begun: { programId: ProgramId; designNumber: number; percent: number; by: string; at: Date },
): Promise<string> {
  const rolloutId = newId();
  await tx.query(
    `insert into card_rollout (shop_id, id, program_id, design_number, percent, created_by, created_at, step_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)`,
    [tx.shopId, rolloutId, begun.programId, begun.designNumber, begun.percent, begun.by, begun.at],
  );
  const { programId, designNumber, percent, at } = begun;
  await touchBuckets(tx, programId, { designNumber, from: 0, to: percent });
  await planStep(tx, { rolloutId, percent }, at);
  return rolloutId;
}

/** Takes the next step: the cards between the two shares are redrawn, and the step after is due later. */
export async function widenRollout(tx: Tx, rollout: Rollout, step: { percent: number; at: Date }): Promise<void> {
  const { rolloutId, programId, designNumber } = rollout;
  const { percent, at } = step;
  await tx.query('update card_rollout set percent = $3, step_at = $4 where shop_id = $1 and id = $2', [
    tx.shopId,
    rolloutId,
    percent,
    at,
  ]);
  await touchBuckets(tx, programId, { designNumber, from: rollout.percent, to: percent });
  await planStep(tx, { rolloutId, percent }, at);
}

/** Holds a rollout where it is, or lets it go on; going on, its next step is due after the whole time of a step. */
export async function holdRollout(tx: Tx, rollout: Rollout, held: { isPaused: boolean; at: Date }): Promise<void> {
  const { rolloutId, percent } = rollout;
  await tx.query('update card_rollout set state = $3, step_at = $4 where shop_id = $1 and id = $2', [
    tx.shopId,
    rolloutId,
    held.isPaused ? 'paused' : 'running',
    held.at,
  ]);
  if (!held.isPaused) await planStep(tx, { rolloutId, percent }, held.at);
}

/** Ends a rollout well: its design is the live one. Cards carry it already, so none is redrawn. */
export async function completeRollout(tx: Tx, rollout: Rollout, at: Date): Promise<void> {
  const { rolloutId, programId, designNumber } = rollout;
  await setDesignState(tx, programId, { number: designNumber, state: 'live' });
  await tx.query(`update card_rollout set state = 'done', finished_at = $3 where shop_id = $1 and id = $2`, [
    tx.shopId,
    rolloutId,
    at,
  ]);
  await addToOutbox(tx, [{ job: 'sync-google-class', payload: { shopId: tx.shopId, programId } }]);
}

/** Takes a design back: every card that carries it is redrawn with the one before. */
export async function withdrawRollout(
  tx: Tx,
  rollout: Rollout,
  end: { state: 'stopped' | 'rolled-back'; problem: string | null; by: string; at: Date },
): Promise<void> {
  const { rolloutId, programId, designNumber, percent } = rollout;
  await setDesignState(tx, programId, { number: designNumber, state: 'withdrawn' });
  await tx.query('update card_rollout set state = $3, problem = $4, finished_at = $5 where shop_id = $1 and id = $2', [
    tx.shopId,
    rolloutId,
    end.state,
    end.problem,
    end.at,
  ]);
  await touchBuckets(tx, programId, { designNumber, from: 0, to: percent });
  await appendAudit(tx, {
    actor: end.by,
    action: end.state === 'stopped' ? 'card.rollout-stop' : 'card.rollout-back',
    object: `rollout:${rolloutId}`,
    beforeHash: null,
    afterHash: null,
    reason: end.problem,
    occurredAt: end.at,
  });
}

/**
 * A card with this design could not be made. When the design is one on its way, that ends it: cards return to the design
 * before. Answers whether this call ended it; safe to repeat, and nothing for a design that is live.
 */
export async function noteDesignFailure(
  tx: Tx,
  failed: { programId: ProgramId; designNumber: number; problem: string; at: Date },
): Promise<boolean> {
  const rollout = await lockOpenRollout(tx, failed.programId);
  if (rollout === null || rollout.designNumber !== failed.designNumber) return false;
  const problem = failed.problem.slice(0, problemMax);
  await withdrawRollout(tx, rollout, { state: 'stopped', problem, by: 'system', at: failed.at });
  return true;
}

const problemMax = 500;

/** Counts cards that were asked to be redrawn with a design on its way. */
export async function countTouched(tx: Tx, programId: ProgramId, touched: { designNumber: number; cards: number }) {
  await tx.query(
    `update card_rollout set touched = touched + $4
     where shop_id = $1 and program_id = $2 and design_number = $3 and state in ('running', 'paused')`,
    [tx.shopId, programId, touched.designNumber, touched.cards],
  );
}

export type RolloutCards = {
  /** All cards of the program. */
  cards: number;
  /** Cards announced with the design. */
  drawn: number;
  /** Of those, how many a phone or Google is known to show. */
  shown: number;
};

/** How far a design is. */
export async function countRolloutCards(tx: Tx, programId: ProgramId, designNumber: number): Promise<RolloutCards> {
  const [row] = await tx.query<RolloutCards>(
    `select count(*)::int as cards, count(*) filter (where p.design_number = $3)::int as drawn,
       count(*) filter (where p.design_number = $3 and p.seen_version >= p.announced_version)::int as shown
     from pass p join member m on m.shop_id = p.shop_id and m.id = p.member_id
     where p.shop_id = $1 and m.program_id = $2 and p.state = 'active'`,
    [tx.shopId, programId, designNumber],
  );
  return row ?? { cards: 0, drawn: 0, shown: 0 };
}

async function touchBuckets(tx: Tx, programId: ProgramId, buckets: BucketRange): Promise<void> {
  await addToOutbox(tx, [
    { job: 'touch-program-passes', payload: { shopId: tx.shopId, programId, after: null, buckets } },
  ]);
}

async function planStep(tx: Tx, due: { rolloutId: string; percent: number }, at: Date): Promise<void> {
  await addToOutbox(tx, [
    {
      job: 'advance-rollout',
      payload: { shopId: tx.shopId, ...due },
      runAt: new Date(at.getTime() + rolloutStepMs),
    },
  ]);
}
