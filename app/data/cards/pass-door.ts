/**
 * The door of the wallet web service: many phones at once ask for one pass each. Those that ask in the same moment are
 * looked up in one statement, each as its own shop.
 */
import { createKnownPasses, isAsKnown, questionAbout } from '#app/data/cards/known-passes.ts';
import { passToken } from '#app/data/cards/passes.ts';
import { preparedForMs } from '#app/data/cards/prepared-passes.ts';
import { pool, prepared } from '#app/data/database.ts';
import { joinCallers } from '#app/data/joined-callers.ts';
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
  /** Asks the database whether all this is still so. */
  question: string;
  keys: ShopKeys;
  /** Its token for a pass type, worked out when it is first asked for. */
  tokenFor: (passTypeIdentifier: string) => string;
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
  mark: string;
  data_key: Buffer | null;
  data_key_kek: string | null;
  program_id: ProgramId | null;
  design_number: number | null;
  content: Buffer | null;
};

/** About half a kilobyte each. */
const rememberedMax = 50_000;
const remembered = createKnownPasses<PassAtDoor>({ entriesMax: rememberedMax });

/**
 * The Apple pass of a serial, or null. `held` is the date of what the phone says to have: its pass is then only looked at.
 * What was read before is not read again while it is still so. Proves nothing about the caller. Throws `Unavailable`.
 */
export async function findPassAtDoor(serial: string, held: Date | null): Promise<PassAtDoor | null> {
  const known = held === null ? undefined : remembered.recall(serial);
  // Whoever is to get something newer needs what it shows as well, and that is not remembered.
  if (
    known !== undefined &&
    held !== null &&
    held.getTime() >= known.lastModified.getTime() &&
    (await isAsKnown(known))
  )
    return known;
  const found = await read({ serial, held });
  if (found === null) remembered.forget(serial);
  else remembered.remember({ ...found, prepared: null });
  return found;
}

const read = joinCallers(async (callers: { serial: string; held: Date | null }[]) => {
  const at = now();
  const { rows } = await pool().query<DoorRow>(
    prepared('select * from read_passes_at_door($1, $2, $3, $4)', [
      callers.map(({ serial }) => serial),
      callers.map(({ held }) => (held === null ? null : held.getTime() / 1_000)),
      new Date(at.getTime() - preparedForMs),
      at,
    ]),
  );
  const found = new Map(rows.map((row) => [row.place, row]));
  return callers.map((_, index) => toPass(found.get(index + 1)));
});

function toPass(row: DoorRow | undefined): PassAtDoor | null {
  // A shop whose keys were destroyed has no pass that anybody could open.
  if (row === undefined || row.data_key === null) return null;
  const keys = openShopKeys(row.shop_id, row.data_key, row.data_key_kek);
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
    question: questionAbout({ shopId: row.shop_id, serial: row.serial, mark: row.mark }),
    keys,
    tokenFor: tokenOnce(keys, row.serial),
    prepared:
      programId === null || designNumber === null || content === null ? null : { programId, designNumber, content },
  };
}

function tokenOnce(keys: ShopKeys, serial: string): PassAtDoor['tokenFor'] {
  let made: { passType: string; token: string } | undefined;
  return (passType) => {
    if (made?.passType !== passType) made = { passType, token: passToken(keys, passType, serial) };
    return made.token;
  };
}
