/** An integrator enrolls a member. */
import type { MemberCreate } from '#app/contracts/api.ts';
import { claimIdempotencyKey, type IdempotencyClaim, storeAnswer } from '#app/data/shops/api-idempotency.ts';
import { enroll } from '#app/data/members/enrollment.ts';
import type { Profile } from '#app/data/members/profiles.ts';
import { writeTimeZone } from '#app/data/members/time-zones.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type CreateMember = { shopId: ShopId; clientId: string; idempotencyKey: string; member: MemberCreate };
export type CreatedMember = { status: 200 | 201; memberId: string };

const attemptsMax = 3;
const defaultWordingVersion = 'integrator';

/**
 * Enrolls somebody, or finds the member they already are (200). The same key with the same inputs gives the same answer
 * and no second effect, also at the same moment. Throws `Conflict` for a key used for other inputs, `InvalidInput` when
 * the program is not clear, `NotFound` when it is not live or not this shop's.
 */
export async function createMember(asked: CreateMember): Promise<CreatedMember> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createOnce(asked);
    } catch (error) {
      // Another door enrolled the same person at this moment: the next look finds them.
      const isRace = error instanceof Conflict && error.code === 'enrollment-under-way';
      if (!isRace || attempt >= attemptsMax) throw error;
    }
  }
}

function createOnce({ shopId, clientId, idempotencyKey, member }: CreateMember): Promise<CreatedMember> {
  return withShop(shopId, async (tx) => {
    const at = now();
    const inputs = `createMember ${JSON.stringify(member)}`;
    const claim: IdempotencyClaim = { clientId, key: idempotencyKey, inputs, at };
    const before = await claimIdempotencyKey(tx, claim);
    if (before !== null) return { status: before.status === 201 ? 201 : 200, memberId: before.response };
    const { kind, memberId } = await enroll(tx, {
      programId: await chooseProgram(tx, member.programId),
      via: 'api',
      profile: profileOf(member),
      shopifyCustomerId: member.shopifyCustomerId?.split('/').at(-1) ?? null,
      externalId: member.externalId ?? null,
      referralCode: member.referralCode ?? null,
      locale: member.locale ?? 'en',
      location: null,
      consents: member.consents ?? [],
      wordingVersion: member.wordingVersion ?? defaultWordingVersion,
      source: 'api',
      actor: `api:${clientId}`,
      at,
    });
    if (member.timeZone != null) await writeTimeZone(tx, memberId, member.timeZone);
    const status = kind === 'enrolled' ? 201 : 200;
    await storeAnswer(tx, claim, { status, response: memberId });
    return { status, memberId };
  });
}

function profileOf({ name, email, phone, birthday }: MemberCreate): Profile {
  return { name: name ?? null, email: email ?? null, phone: phone ?? null, birthday: birthday ?? null };
}

async function chooseProgram(tx: Tx, wanted: string | undefined): Promise<ProgramId> {
  const programs = await listPrograms(tx);
  if (wanted !== undefined) {
    const known = programs.find((program) => program.programId === wanted);
    if (known === undefined)
      throw new NotFound('program-not-found', 'No such program', { publicMessage: 'There is no such program.' });
    return known.programId;
  }
  const live = programs.filter((program) => program.state === 'live');
  const [only] = live;
  if (only === undefined)
    throw new NotFound('program-not-live', 'The shop has no live program', {
      publicMessage: 'No program is open yet.',
    });
  if (live.length > 1)
    throw new InvalidInput('program-required', 'The shop has several live programs', {
      publicMessage: 'There are several live programs: say which one with programId.',
    });
  return only.programId;
}
