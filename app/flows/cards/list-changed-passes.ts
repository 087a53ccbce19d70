/** A device asks which of its passes changed since the tag it was last given. */
import { newestTransaction, passesOfDevice } from '#app/data/directory.ts';
import { isPlatformPassType } from '#app/gateways/apple-issuers.ts';

export type ChangedPasses = { serialNumbers: string[]; lastUpdated: string } | null;

const tagPattern = /^\d{1,19}$/;

/**
 * The serials to look at and the tag for the next time, or null when there is nothing. A tag that we did not give, or
 * that comes from another database (after a restore), counts as none: duplicates are harmless, losses are not.
 */
export async function listChangedPasses(
  device: string,
  asked: { passTypeIdentifier: string; tag: string | null },
): Promise<ChangedPasses> {
  const known = asked.tag !== null && tagPattern.test(asked.tag) ? asked.tag : null;
  const since = known !== null && BigInt(known) <= (await newestTransaction()) ? known : null;
  const { serials, tag } = await passesOfDevice(device, {
    since,
    passTypeIdentifier: isPlatformPassType(asked.passTypeIdentifier) ? null : asked.passTypeIdentifier,
  });
  return serials.length === 0 || tag === null ? null : { serialNumbers: serials, lastUpdated: tag };
}
