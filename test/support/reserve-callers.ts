/**
 * A process of its own that reserves rewards many times at once, for each of some members in turn. It says when it is
 * ready; for every line of JSON it is told it prints what it was answered, as one line of JSON.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { reserveReward } from '#app/flows/members/reserve-reward.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { Unavailable } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

const askedSchema = z.object({
  shopId: z.custom<ShopId>((text) => typeof text === 'string' && isId(text)),
  memberIds: z.array(z.string()),
  rewardId: z.string(),
  calls: z.number(),
  /** Null: each call has one of its own. */
  idempotencyKey: z.string().nullable(),
});
type Asked = z.infer<typeof askedSchema>;

const system = await openSystem({ databaseUrl: process.argv[2] ?? '', role: 'stampwell_web', connectionsMax: 8 });
process.stdout.write('ready\n');

/** As a client would: what the database had no time for is asked again, under the same key. */
async function call({ shopId, rewardId, idempotencyKey }: Asked, memberId: string): Promise<string> {
  const place = {
    channel: 'api',
    locationId: null,
    cart: null,
    holdMinutes: 10,
    actor: 'api:test',
    staff: null,
  } as const;
  const key = idempotencyKey ?? randomUUID();
  for (;;) {
    try {
      const outcome = await reserveReward({
        shopId,
        memberId,
        rewardId,
        idempotencyKey: key,
        claim: null,
        approvedBy: null,
        ...place,
      });
      return outcome.kind === 'reserved' ? 'reserved' : outcome.reason;
    } catch (error) {
      if (!(error instanceof Unavailable) || idempotencyKey !== null) return `failed: ${String(error)}`;
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = askedSchema.parse(JSON.parse(line));
  const { memberIds, calls } = asked;
  const answers = await Promise.all(
    Array.from({ length: calls }, (_, index) => call(asked, memberIds[index % memberIds.length] ?? '')),
  );
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
await system.close();
