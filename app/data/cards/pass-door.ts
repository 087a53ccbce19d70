/**
 * The door of the wallet web service: many phones at once ask for one pass each. Those that ask in the same moment are
 * looked up in one statement, each as its own shop.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import { preparedForMs } from '#app/data/cards/prepared-passes.ts';
import { openShopKeys } from '#app/data/shops/shops.ts';
import { now } from '#app/lib/clock.ts';
import type { PassId, ProgramId, ShopId } from '#app/lib/ids.ts';
import type { ShopKeys } from '#app/lib/sealed-box.ts';

export type PassAtDoor = {
  shopId: ShopId;
  passId: PassId;
  serial: string;
  version: number;
  lastModified: Date;
  seenVersion: number;
  voidedAt: Date | null;
  passTypeIdentifier: string | null;
  keys: ShopKeys;
  /** What the pass shows, worked out already; sealed. */
  prepared: { programId: ProgramId; designNumber: number; content: Buffer } | null;
};

type DoorRow = {
  place: number;
  shop_id: ShopId;
  pass_id: PassId;
  version: number;
  last_modified: Date;
  seen_version: number;
  voided_at: Date | null;
  pass_type_identifier: string | null;
  serial: string;
  data_key: Buffer | null;
  data_key_kek: string | null;
  program_id: ProgramId | null;
  design_number: number | null;
  content: Buffer | null;
};

type Caller = {
  serial: string;
  held: Date | null;
  resolve: (found: PassAtDoor | null) => void;
  reject: (error: unknown) => void;
};

/** In one statement; more wait for the next. */
const callersMax = 100;
/** Statements at once: while one is with the database the next fills. */
const statementsMax = 3;

let waiting: Caller[] = [];
let underWay = 0;
let isScheduled = false;

/**
 * The Apple pass of a serial, or null. `held` is the date of what the phone says to have: its pass is then only looked at.
 * Proves nothing about the caller. Throws `Unavailable`.
 */
export function findPassAtDoor(serial: string, held: Date | null): Promise<PassAtDoor | null> {
  return new Promise((resolve, reject) => {
    waiting.push({ serial, held, resolve, reject });
    schedule();
  });
}

function schedule(): void {
  if (isScheduled || underWay >= statementsMax || waiting.length === 0) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    const callers = waiting.slice(0, callersMax);
    waiting = waiting.slice(callersMax);
    void lookUp(callers);
    schedule();
  });
}

async function lookUp(callers: Caller[]): Promise<void> {
  underWay += 1;
  try {
    const at = now();
    const { rows } = await pool().query<DoorRow>(
      prepared('select * from passes_at_door($1, $2, $3, $4)', [
        callers.map(({ serial }) => serial),
        callers.map(({ held }) => held),
        new Date(at.getTime() - preparedForMs),
        at,
      ]),
    );
    const found = new Map(rows.map((row) => [row.place, row]));
    for (const [index, { resolve }] of callers.entries()) resolve(toPass(found.get(index + 1)));
  } catch (error) {
    for (const { reject } of callers) reject(describeDatabaseError(error));
  } finally {
    underWay -= 1;
    schedule();
  }
}

function toPass(row: DoorRow | undefined): PassAtDoor | null {
  // A shop whose keys were destroyed has no pass that anybody could open.
  if (row === undefined || row.data_key === null) return null;
  const { program_id: programId, design_number: designNumber, content } = row;
  return {
    shopId: row.shop_id,
    passId: row.pass_id,
    serial: row.serial,
    version: row.version,
    lastModified: row.last_modified,
    seenVersion: row.seen_version,
    voidedAt: row.voided_at,
    passTypeIdentifier: row.pass_type_identifier,
    keys: openShopKeys(row.shop_id, row.data_key, row.data_key_kek),
    prepared:
      programId === null || designNumber === null || content === null ? null : { programId, designNumber, content },
  };
}
