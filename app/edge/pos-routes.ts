/** The POS extension's calls. Only a token of the shop's admin names a Shopify user; a shopper's opens nothing here. */
import {
  type PosMember,
  posMemberQuerySchema,
  type PosPreview,
  posPreviewSchema,
  type PosRedemptionAnswer,
  posRedemptionSchema,
  posStampSchema,
  posUndoSchema,
} from '#app/contracts/pos.ts';
import { shownCartBytesMax } from '#app/contracts/shown-estimate.ts';
import type { ExtensionCall, ExtensionRoute } from '#app/edge/extension-route.ts';
import { admitToTill } from '#app/flows/access/admit-to-till.ts';
import { approveRedemption } from '#app/flows/access/approve-redemption.ts';
import { findCardMember } from '#app/flows/members/find-card-member.ts';
import { redeemReward } from '#app/flows/members/redeem-reward.ts';
import { stampMember } from '#app/flows/members/stamp-member.ts';
import { undoEntry } from '#app/flows/members/undo-entry.ts';
import { Forbidden, NotFound } from '#app/lib/errors.ts';
import { posPreview } from '#app/queries/pos-preview.ts';
import { posMember } from '#app/queries/pos-member.ts';
import { watchMiss } from '#app/web/watchers.ts';

type Place = { locationId: string; staffMemberId?: string | undefined; deviceId?: string | undefined };

/**
 * The Shopify user who is logged in at the till, if the shop lets them serve there. Throws `Forbidden` for anybody else.
 * Nobody can be asked where they stand before they say so: `locationId` is null then.
 */
async function staffOf({ shopId, session }: ExtensionCall, locationId: string | null): Promise<string> {
  const { userId } = session;
  if (userId === null) throw new Forbidden('staff-only', 'A token that is not of a Shopify user reached the till');
  await admitToTill({ shopId, userId, locationId });
  return `staff:${userId}`;
}

/** Who acts, by the token; and where, by the till's own word. */
async function actionOf(call: ExtensionCall, place: Place) {
  const claim = {
    locationId: place.locationId,
    staffMemberId: place.staffMemberId ?? null,
    deviceId: place.deviceId ?? null,
  };
  return { shopId: call.shopId, actor: await staffOf(call, place.locationId), claim };
}

async function findMember(call: ExtensionCall): Promise<{ member: PosMember }> {
  const staff = await staffOf(call, null);
  const { code } = call.input(posMemberQuerySchema);
  const memberId = await findCardMember({ shopId: call.shopId, code }).catch(async (error: unknown) => {
    if (error instanceof NotFound) await watchMiss({ shopId: call.shopId, subject: staff });
    throw error;
  });
  return { member: await posMember(call, memberId) };
}

/** What the open sale would earn, and which rewards can be had at this till now. */
async function preview(call: ExtensionCall): Promise<PosPreview> {
  const { memberId, cart, locationId } = call.input(posPreviewSchema);
  await staffOf(call, locationId);
  return posPreview(call.shopId, { memberId, cart, locationId, language: call.language });
}

async function stamp(call: ExtensionCall): Promise<{ entryId: string; member: PosMember }> {
  const { memberId, unit, amount, idempotencyKey, ...place } = call.input(posStampSchema);
  const stamped = await stampMember({ ...(await actionOf(call, place)), memberId, unit, amount, idempotencyKey });
  return { entryId: stamped.entryId, member: await posMember(call, stamped.memberId) };
}

async function redeem(call: ExtensionCall): Promise<PosRedemptionAnswer> {
  const { memberId, rewardId, idempotencyKey, approval, ...place } = call.input(posRedemptionSchema);
  const action = await actionOf(call, place);
  const { locationId, deviceId } = action.claim;
  const approving = { shopId: call.shopId, actor: action.actor, deviceId, locationId, rewardId };
  const approvedBy = approval === undefined ? null : await approveRedemption({ ...approving, approval });
  const redeemed = await redeemReward({ ...action, memberId, rewardId, idempotencyKey, approvedBy });
  return {
    reservationId: redeemed.reservationId,
    discountCode: redeemed.discountCode,
    giftCardCode: redeemed.benefit.giftCardCode,
    isOnItsWay: redeemed.benefit.state === 'due',
    expiresAt: redeemed.expiresAt.toISOString(),
    member: await posMember(call, redeemed.memberId),
  };
}

async function undo(call: ExtensionCall): Promise<{ member: PosMember }> {
  const asked = call.input(posUndoSchema);
  const target = 'entryId' in asked ? { entryId: asked.entryId } : { reservationId: asked.reservationId };
  const memberId = await undoEntry({ ...(await actionOf(call, asked)), target, idempotencyKey: asked.idempotencyKey });
  return { member: await posMember(call, memberId) };
}

export const posRoutes: ExtensionRoute[] = [
  { method: 'GET', path: '/pos/v1/members', answer: findMember },
  { method: 'POST', path: '/pos/v1/preview', bodyBytesMax: shownCartBytesMax, answer: preview },
  { method: 'POST', path: '/pos/v1/stamps', answer: stamp },
  { method: 'POST', path: '/pos/v1/redemptions', answer: redeem },
  { method: 'POST', path: '/pos/v1/undo', answer: undo },
];
