/** Simulations: what was asked, how far it is, what it found. Figures and opaque ids only. */
import type { Tx } from '#app/data/tenancy.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import type { SimulationResult } from '#app/domain/programs/simulation-figures.ts';
import type { SimulationSums } from '#app/domain/programs/simulation.ts';
import { isId, type MemberId, newId, type ProgramId } from '#app/lib/ids.ts';

export type SimulationState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export type Simulation = {
  simulationId: string;
  programId: ProgramId;
  draftRevision: number | null;
  state: SimulationState;
  ordersAsked: number;
  ordersFound: number | null;
  ordersDone: number;
  result: SimulationResult | null;
  problem: string | null;
  createdBy: string;
  createdAt: Date;
  finishedAt: Date | null;
};

/** The sales that count: from this one on, until the simulation was asked for. */
export type SimulationWindow = { fromAt: Date; fromOrder: string; untilAt: Date };

/** A simulation at work. `window` is null before the first batch. */
export type SimulationAtWork = {
  simulationId: string;
  programId: ProgramId;
  state: SimulationState;
  document: ProgramDocument;
  ordersAsked: number;
  createdAt: Date;
  window: SimulationWindow | null;
  /** The members who are next, at most as many as were asked for. */
  nextMembers: MemberId[];
  sums: SimulationSums | null;
};

const keptPerProgram = 20;

/** Queues a simulation; of older ones the newest few are kept. */
export async function insertSimulation(
  tx: Tx,
  asked: {
    programId: ProgramId;
    document: ProgramDocument;
    draftRevision: number | null;
    orders: number;
    createdBy: string;
    at: Date;
  },
): Promise<string> {
  const simulationId = newId();
  await tx.query(
    `insert into simulation (shop_id, id, program_id, document, draft_revision, orders_asked, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      tx.shopId,
      simulationId,
      asked.programId,
      JSON.stringify(asked.document),
      asked.draftRevision,
      asked.orders,
      asked.createdBy,
      asked.at,
    ],
  );
  await tx.query(
    `delete from simulation where shop_id = $1 and program_id = $2 and id in (
       select id from simulation where shop_id = $1 and program_id = $2 order by created_at desc, id desc offset $3)`,
    [tx.shopId, asked.programId, keptPerProgram],
  );
  return simulationId;
}

/** Cancels what is not over: one simulation, or all of a program. Safe to repeat. */
export async function cancelSimulations(
  tx: Tx,
  which: { programId: ProgramId; simulationId: string | null },
  at: Date,
): Promise<void> {
  await tx.query(
    `update simulation set state = 'cancelled', finished_at = $4, result = null, members = null
     where shop_id = $1 and program_id = $2 and ($3::uuid is null or id = $3) and state in ('queued', 'running')`,
    [tx.shopId, which.programId, which.simulationId, at],
  );
}

type SimulationRow = {
  id: string;
  program_id: ProgramId;
  draft_revision: number | null;
  state: SimulationState;
  orders_asked: number;
  orders_found: number | null;
  counted: number;
  result: SimulationResult | null;
  problem: string | null;
  created_by: string;
  created_at: Date;
  finished_at: Date | null;
};

const columns = `id, program_id, draft_revision, state, orders_asked, orders_found, counted,
  case when state = 'done' then result end as result, problem, created_by, created_at, finished_at`;

function toSimulation(row: SimulationRow): Simulation {
  return {
    simulationId: row.id,
    programId: row.program_id,
    draftRevision: row.draft_revision,
    state: row.state,
    ordersAsked: row.orders_asked,
    ordersFound: row.orders_found,
    ordersDone: row.counted,
    result: row.result,
    problem: row.problem,
    createdBy: row.created_by,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** One simulation, or null. */
export async function findSimulation(tx: Tx, simulationId: string): Promise<Simulation | null> {
  const rows = isId(simulationId)
    ? await tx.query<SimulationRow>(`select ${columns} from simulation where shop_id = $1 and id = $2`, [
        tx.shopId,
        simulationId,
      ])
    : [];
  return rows[0] === undefined ? null : toSimulation(rows[0]);
}

/** The newest simulation of a program, or null. */
export async function findNewestSimulation(tx: Tx, programId: ProgramId): Promise<Simulation | null> {
  const [row] = await tx.query<SimulationRow>(
    `select ${columns} from simulation where shop_id = $1 and program_id = $2 order by created_at desc, id desc limit 1`,
    [tx.shopId, programId],
  );
  return row === undefined ? null : toSimulation(row);
}

/** Locks a simulation for one batch and tells where it stands, or null when it is gone. */
export async function lockSimulation(
  tx: Tx,
  simulationId: string,
  membersMax: number,
): Promise<SimulationAtWork | null> {
  const [row] = await tx.query<{
    program_id: ProgramId;
    state: SimulationState;
    document: unknown;
    orders_asked: number;
    created_at: Date;
    from_at: Date | null;
    from_order: string | null;
    next_members: MemberId[] | null;
    sums: SimulationSums | null;
  }>(
    `select program_id, state, document, orders_asked, created_at, from_at, from_order,
       members[progress + 1 : progress + $3::int] as next_members,
       case when state = 'running' then result end as sums
     from simulation where shop_id = $1 and id = $2 for update`,
    [tx.shopId, simulationId, membersMax],
  );
  if (row === undefined) return null;
  const { from_at: fromAt, from_order: fromOrder } = row;
  return {
    simulationId,
    programId: row.program_id,
    state: row.state,
    document: programDocumentSchema.parse(row.document),
    ordersAsked: row.orders_asked,
    createdAt: row.created_at,
    window: fromAt === null ? null : { fromAt, fromOrder: fromOrder ?? '', untilAt: row.created_at },
    nextMembers: row.next_members ?? [],
    sums: row.sums,
  };
}

/** The newest orders of a program's members that its rules were applied to, and whose they are. Null: there are none. */
export async function findNewestSales(
  tx: Tx,
  asked: { programId: ProgramId; orders: number; untilAt: Date },
): Promise<{ window: SimulationWindow; members: MemberId[]; orders: number } | null> {
  const [row] = await tx.query<{ from_at: Date | null; from_order: string; members: MemberId[]; orders: number }>(
    // Ids are compared byte by byte, as they are outside the database.
    `with sale as (
       select o.member_id, o.processed_at, o.order_id collate "C" as order_id from order_state o
       join member m on m.shop_id = o.shop_id and m.id = o.member_id and m.program_id = $2 and m.state <> 'erased'
       where o.shop_id = $1 and o.member_id is not null and o.rule_version_id is not null and o.processed_at <= $3
       order by o.processed_at desc, o.order_id collate "C" desc limit $4
     ), begin as (
       select min(processed_at) as at, (array_agg(order_id order by processed_at, order_id))[1] as order_id, count(*)::int as orders
       from sale
     ), occasion as (
       select e.member_id from member_event e
       join member m on m.shop_id = e.shop_id and m.id = e.member_id and m.program_id = $2 and m.state <> 'erased'
       where e.shop_id = $1 and e.occurred_at >= (select at from begin) and e.occurred_at <= $3
       order by e.occurred_at desc, e.id desc limit $4
     )
     select at as from_at, order_id as from_order, orders,
       array(select member_id from sale union select member_id from occasion order by 1) as members from begin`,
    [tx.shopId, asked.programId, asked.untilAt, asked.orders],
  );
  if (row === undefined || row.from_at === null) return null;
  const window = { fromAt: row.from_at, fromOrder: row.from_order, untilAt: asked.untilAt };
  return { window, members: row.members, orders: row.orders };
}

/** Notes which sales count: from now on nothing that happens meanwhile moves them. */
export async function writeSimulationWindow(
  tx: Tx,
  simulationId: string,
  found: { window: SimulationWindow; members: MemberId[]; orders: number; sums: SimulationSums },
): Promise<void> {
  await tx.query(
    `update simulation set state = 'running', from_at = $3, from_order = $4, members = $5, orders_found = $6, result = $7
     where shop_id = $1 and id = $2`,
    [
      tx.shopId,
      simulationId,
      found.window.fromAt,
      found.window.fromOrder,
      found.members,
      found.orders,
      JSON.stringify(found.sums),
    ],
  );
}

/** Saves a batch: the sums, and that its members are done. */
export async function writeSimulationBatch(
  tx: Tx,
  simulationId: string,
  batch: { sums: SimulationSums; members: number },
): Promise<void> {
  await tx.query(
    'update simulation set result = $3, progress = progress + $4, counted = $5 where shop_id = $1 and id = $2',
    [tx.shopId, simulationId, JSON.stringify(batch.sums), batch.members, batch.sums.orders],
  );
}

/** Ends a simulation with its result, or with a problem. One that is over stays as it is. */
export async function finishSimulation(
  tx: Tx,
  simulationId: string,
  end: { result: SimulationResult; at: Date } | { problem: string; at: Date },
): Promise<void> {
  const isDone = 'result' in end;
  await tx.query(
    `update simulation set state = $3, result = $4, problem = $5, finished_at = $6, members = null,
       orders_found = coalesce(orders_found, 0)
     where shop_id = $1 and id = $2 and state in ('queued', 'running')`,
    [
      tx.shopId,
      simulationId,
      isDone ? 'done' : 'failed',
      isDone ? JSON.stringify(end.result) : null,
      isDone ? null : end.problem,
      end.at,
    ],
  );
}
