/** People with cards in a shop of a running system: what nearly every end-to-end test begins with. */
import { randomBytes } from 'node:crypto';

import { openAdmin } from '#test/platform/admin-visit.ts';
import type { OrderLineInput } from '#test/platform/order-parts.ts';
import { cardCodeOn, pointsOn, stampsOn } from '#test/platform/pass-figures.ts';
import type { Phone, PhonePass } from '#test/platform/phone.ts';
import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { applePassLink, joinProgram } from '#test/platform/shopper.ts';
import type { System } from '#test/platform/system.ts';
import { createTill } from '#test/platform/till.ts';
import type { Till } from '#test/platform/till.ts';
import { opensslVerdict } from '#test/support/conformant-pass.ts';

export type OpenShop = AddedShop & { till: Till };

export type CardHolder = {
  email: string;
  cardUrl: string;
  phone: Phone;
  serial: string;
  cardCode: string;
  /** What the phone holds now. */
  pass: () => PhonePass;
  shown: () => { points: number | null; stamps: number | null };
};

/** Installs a shop as its merchant would, by opening the app, and gives it a live program. */
export async function openShop(system: System, domain: string): Promise<OpenShop> {
  const opened = await openAdmin(system, domain);
  if (opened.status >= 400) throw new Error(`the admin was answered with ${opened.status}`);
  return { ...(await system.addShop(domain)), till: createTill(system.shopify, domain) };
}

/** A shopper joins on the public page and adds the card to a new phone. */
export async function joinShop(
  system: System,
  shop: { programSlug: string },
  email = `shopper-${randomBytes(4).toString('hex')}@example.com`,
  { wantsNews = false }: { wantsNews?: boolean } = {},
): Promise<CardHolder> {
  const { programSlug } = shop;
  const { cardUrl } = await joinProgram({ appUrl: system.addresses.app, programSlug, email, wantsNews });
  const phone = system.createPhone();
  const installed = await phone.install(await applePassLink(cardUrl));
  const verdict = await opensslVerdict('cms', installed, system.certificates.root);
  if (verdict === 'refused') throw new Error('openssl does not verify the card');
  const serial = installed.serialNumber;
  const pass = (): PhonePass => phone.pass(serial) ?? installed;
  return {
    email,
    cardUrl,
    phone,
    serial,
    cardCode: cardCodeOn(installed.passJson),
    pass,
    shown: () => ({ points: pointsOn(pass().passJson), stamps: stampsOn(pass().passJson) }),
  };
}

/** A line of an order. */
export function coffee(unitPriceMinor: number, quantity = 1): OrderLineInput {
  return { title: 'Flat white', productId: 7_001_001, variantId: 41_001_001, unitPriceMinor, quantity };
}
