/** The merchant decides how long a class of data is kept, within its bounds. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import {
  boundsOf,
  inactiveMembersBounds,
  inactiveMembersClass,
  type RetentionClass,
  retentionClasses,
  writeRetentionChoice,
} from '#app/data/privacy/retention.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Of thirty and a half days. */
const monthHours = 732;
const reasonLengthMax = 200;

export type RetentionChoice = {
  shopId: ShopId;
  class: string;
  /** Null goes back to the usual period; for inactive members it means that they are kept. */
  hours: number | null;
  actor: string;
  reason: string;
};

/** Keeps the choice for the next purge, with an audit record. Throws `InvalidInput` outside the bounds. Safe to repeat. */
export async function chooseRetention(choice: RetentionChoice): Promise<void> {
  checkBounds(choice);
  const reason = choice.reason.trim();
  if (reason === '' || reason.length > reasonLengthMax)
    throw new InvalidInput('reason-invalid', 'A reason is needed', { publicMessage: 'Say in a few words why.' });
  const at = now();
  const { shopId, hours, actor } = choice;
  await withShop(shopId, async (tx) => {
    const before = await writeRetentionChoice(tx, { class: choice.class, hours, actor, at });
    if (before === hours) return;
    await appendAudit(tx, {
      actor,
      action: 'retention.choose',
      object: `retention:${choice.class}`,
      beforeHash: fingerprint({ hours: before }),
      afterHash: fingerprint({ hours }),
      reason,
      occurredAt: at,
    });
  });
}

const isClass = (name: string): name is RetentionClass => Object.hasOwn(retentionClasses, name);

function checkBounds({ class: name, hours }: RetentionChoice): void {
  const bounds = boundsIn(name);
  if (bounds === null)
    throw new InvalidInput('retention-fixed', 'A fixed period was to be changed', {
      publicMessage: 'This period is fixed.',
    });
  if (hours === null || (Number.isSafeInteger(hours) && hours >= bounds.least && hours <= bounds.most)) return;
  throw new InvalidInput('retention-out-of-bounds', 'A period is outside its bounds', {
    publicMessage: `Choose between ${inWords(bounds.least)} and ${inWords(bounds.most)}.`,
  });
}

function boundsIn(name: string): { least: number; most: number } | null {
  if (name !== inactiveMembersClass) return isClass(name) ? boundsOf(name) : null;
  const { leastMonths, mostMonths } = inactiveMembersBounds;
  return { least: leastMonths * monthHours, most: mostMonths * monthHours };
}

function inWords(hours: number): string {
  if (hours % monthHours === 0) return `${hours / monthHours} months`;
  return hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
