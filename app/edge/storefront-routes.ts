/** The checkout and order-status extension's calls. Only the token says who the shopper is. */
import {
  type StorefrontEnrollmentAnswer,
  storefrontEnrollmentSchema,
  type StorefrontProgram,
  storefrontProgramQuerySchema,
} from '#app/contracts/storefront.ts';
import type { ExtensionCall, ExtensionRoute } from '#app/edge/extension-route.ts';
import { linkOrder } from '#app/flows/link-order.ts';
import { storefrontProgram } from '#app/queries/storefront-program.ts';

async function program(call: ExtensionCall): Promise<StorefrontProgram> {
  const { locale } = call.input(storefrontProgramQuerySchema);
  return storefrontProgram(call.shopId, { locale: locale ?? null, customerId: call.session.customerId });
}

async function join(call: ExtensionCall): Promise<StorefrontEnrollmentAnswer> {
  const { orderId, ...asked } = call.input(storefrontEnrollmentSchema);
  const { cardUrl } = await linkOrder({
    ...asked,
    shopId: call.shopId,
    customerId: call.session.customerId,
    // Either kind of global id ends in the order's number.
    orderId: orderId.slice(orderId.lastIndexOf('/') + 1),
  });
  return { cardUrl };
}

export const storefrontRoutes: ExtensionRoute[] = [
  { method: 'GET', path: '/storefront/v1/program', answer: program },
  { method: 'POST', path: '/storefront/v1/enrollments', answer: join },
];
