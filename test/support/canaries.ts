/** Canary people: each of their particulars is found nowhere else, so that a search of everything finds all that is left. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { erasureDirectory } from '#app/lib/data-directory.ts';
import { orderBody } from '#test/support/factories.ts';

export type Canary = ReturnType<typeof newCanary>;

/** Somebody each of whose particulars is found nowhere else. */
export function newCanary(name: string) {
  const mark = randomBytes(5).toString('hex');
  return {
    id: 7_900_000_000_000 + randomBytes(4).readUInt32BE(),
    name: `${name} Zwitscher-${mark}`,
    email: `${name.toLowerCase()}.${mark}@canary.example`,
    phone: `+4915${randomBytes(5).readUIntBE(0, 5)}`,
    externalId: `crm-${mark}`,
    street: `Vogelweg-${mark} 17`,
    note: `allergic to ${mark} nuts`,
    ip: '198.51.100.77',
    campaign: `Alles Gute, ${name}-${mark}!`,
    key: `create-${name.toLowerCase()}-${mark}`,
  };
}

/** Every text that must not be found. */
export const spellingsOf = (canary: Canary) => Object.values(canary).map(String);

/** An order that tells everything Shopify can tell. */
export function orderOf(canary: Canary): Record<string, unknown> {
  const address = { first_name: canary.name, address1: canary.street, phone: canary.phone, latitude: 47.5 };
  const customer = { id: canary.id, email: canary.email, phone: canary.phone, first_name: canary.name, default_address: address }; // prettier-ignore
  return {
    ...orderBody({ customer }),
    email: canary.email,
    phone: canary.phone,
    note: canary.note,
    browser_ip: canary.ip,
    client_details: { browser_ip: canary.ip, user_agent: `Canary ${canary.note}` },
    billing_address: address,
    shipping_address: address,
  };
}

/** What else Shopify tells of them, by topic. */
export function tellOf({ id, email, name, note }: Canary): [string, unknown][] {
  return [
    [
      'customers_email_marketing_consent/update',
      { customer_id: id, email_address: email, email_marketing_consent: { state: 'subscribed' } },
    ],
    ['customers/update', { id, email, first_name: name, verified_email: true, tags: note }],
  ];
}

/** Files that this installation wrote about erasures. */
export function keptFiles(): string {
  const folder = erasureDirectory();
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
}
