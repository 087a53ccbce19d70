/** Whether the standbys of the database are there and close enough behind to take over. */
import { readReplication } from '#app/data/system/replication.ts';
import { env } from '#app/lib/env.ts';

export type StandbyState = { state: 'none' | 'up' | 'missing' | 'behind'; lagSeconds: number | null };

/** `none` where none is expected and none follows. Throws `Unavailable` while the database does not answer. */
export async function standbyState(): Promise<StandbyState> {
  const { standbys, lagSeconds } = await readReplication();
  if (standbys < env().STANDBYS_EXPECTED) return { state: 'missing', lagSeconds };
  if (standbys === 0) return { state: 'none', lagSeconds };
  return { state: (lagSeconds ?? 0) > env().REPLICATION_LAG_SECONDS_MAX ? 'behind' : 'up', lagSeconds };
}
