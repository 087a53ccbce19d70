/** The checkout and order-status extension's calls. Only the token says who the shopper is. */
import {
  type StorefrontEnrollmentAnswer,
  storefrontEnrollmentSchema,
  type StorefrontProgram,
  storefrontProgramQuerySchema,
} from '#app/contracts/storefront.ts';
import { shownCartBytesMax, type ShownEstimate, shownEstimateQuerySchema } from '#app/contracts/shown-estimate.ts';
import type { ExtensionCall, ExtensionRoute } from '#app/edge/extension-route.ts';
import { linkOrder } from '#app/flows/orders/link-order.ts';
import { shownEstimate } from '#app/queries/shown-estimate.ts';
import { storefrontProgram } from '#app/queries/storefront-program.ts';
import { withClaimLimits } from '#app/web/sign-up-limits.ts';

async function program(call: ExtensionCall): Promise<StorefrontProgram> {
  const { locale } = call.input(storefrontProgramQuerySchema);
  return storefrontProgram(call.shopId, { locale: locale ?? null, customerId: call.session.customerId });
}

async function join(call: ExtensionCall): Promise<StorefrontEnrollmentAnswer> {
  const { orderId: globalId, ...asked } = call.input(storefrontEnrollmentSchema);
  const { shopId, address } = call;
  const { customerId } = call.session;
  // Either kind of global id ends in the order's number.
  const orderId = globalId.slice(globalId.lastIndexOf('/') + 1);
  const { cardUrl } = await withClaimLimits({ address, shopId, subject: customerId, orderId }, () =>
    linkOrder({ ...asked, shopId, customerId, orderId }),
  );
  return { cardUrl };
}

/** What the order on the page would bring. Lines come from the page: what is booked comes from the order alone. */
async function estimate(call: ExtensionCall): Promise<ShownEstimate> {
  const asked = call.input(shownEstimateQuerySchema);
  const { customerId } = call.session;
  return shownEstimate(call.shopId, { ...asked, customerId, channel: 'online', locationId: null });
}

export const storefrontRoutes: ExtensionRoute[] = [
  { method: 'GET', path: '/storefront/v1/program', answer: program },
  { method: 'POST', path: '/storefront/v1/enrollments', answer: join },
  { method: 'POST', path: '/storefront/v1/estimates', bodyBytesMax: shownCartBytesMax, answer: estimate },
];
