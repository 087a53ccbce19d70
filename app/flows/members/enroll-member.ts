/** A shopper joins a program. */
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { enroll, type Enrollment } from '#app/data/members/enrollment.ts';
import { readMember } from '#app/data/members/members.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { canSendMail } from '#app/gateways/mail.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';

export type EnrollMember = Omit<
  Enrollment,
  'at' | 'actor' | 'programId' | 'shopifyCustomerId' | 'externalId' | 'location'
> & {
  shopId: ShopId;
  programId: ProgramId | string;
  shopifyCustomerId?: string | null;
  externalId?: string | null;
  location?: string | null;
  actor?: string;
};

/** `isMailed`: whether a mail is on its way to the address. */
export type EnrolledMember = {
  isMailed: boolean;
  kind: 'enrolled' | 'already-member';
  memberId: MemberId;
  cardUrl: string;
};

const attemptsMax = 3;

/**
 * Enrolls somebody and gives the address of their card. Safe to repeat: a known person stays the member they are.
 * Throws `NotFound` while the program is not live.
 */
export async function enrollMember(asked: EnrollMember): Promise<EnrolledMember> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await enrollOnce(asked);
    } catch (error) {
      const isRace = error instanceof Conflict && error.code === 'enrollment-under-way';
      if (!isRace || attempt >= attemptsMax) throw error;
    }
  }
}

function enrollOnce(asked: EnrollMember): Promise<EnrolledMember> {
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    const enrolled = await enroll(tx, {
      ...asked,
      programId: asked.programId as ProgramId,
      shopifyCustomerId: asked.shopifyCustomerId ?? null,
      externalId: asked.externalId ?? null,
      location: asked.location ?? null,
      actor: asked.actor ?? 'shopper',
      at,
      // Without mail nobody can prove an address, so a known one is told as ever.
      ...(asked.isAddressTyped !== undefined && { isAddressTyped: asked.isAddressTyped && canSendMail() }),
    });
    const { kind, memberId, mailId } = enrolled;
    if (mailId !== null) await enqueue(tx, 'send-mail', { requestId: mailId });
    const member = await readMember(tx, memberId);
    return { kind, memberId, isMailed: mailId !== null, cardUrl: cardUrlOf(await readShopKeys(tx), member, at) };
  });
}
