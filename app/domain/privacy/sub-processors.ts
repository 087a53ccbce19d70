/**
 * Who else handles data for us, and for what. The list here is that of the software itself; an installation names its
 * hosting and mail companies in the file that SUB_PROCESSORS_FILE points to.
 */
import { z } from 'zod';

import { InvalidInput } from '#app/lib/errors.ts';

const subProcessorSchema = z.strictObject({
  name: z.string().trim().min(1).max(120),
  purpose: z.string().trim().min(1).max(300),
  /** Where it handles data: an ISO 3166-1 code, or several. */
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/))
    .min(1)
    .max(20),
  /** What it gets to see. */
  data: z.string().trim().min(1).max(300),
  /** What allows the data to leave the EEA, where it does. */
  guarantee: z.string().trim().min(1).max(300),
  /** Certificates it holds, with the day they end. */
  certificates: z
    .array(z.strictObject({ name: z.string().trim().min(1).max(120), validUntil: z.iso.date() }))
    .max(20)
    .default([]),
});

export type SubProcessor = z.infer<typeof subProcessorSchema>;

/** Those the product cannot do without. What they get is what a card shows, and what an order or a payment needs. */
export const ownSubProcessors: SubProcessor[] = [
  {
    name: 'Shopify',
    purpose: 'The shop itself: orders, customers, discounts, store credit',
    countries: ['CA', 'IE', 'US'],
    data: 'Customer ids, discount codes, store credit',
    guarantee: 'The merchant’s own contract with Shopify',
    certificates: [],
  },
  {
    name: 'Apple',
    purpose: 'Telling phones that a card has changed',
    countries: ['US'],
    data: 'An empty message to a push token; the phone fetches its card from us',
    guarantee: 'EU–US Data Privacy Framework and standard contractual clauses',
    certificates: [],
  },
  {
    name: 'Google',
    purpose: 'Showing cards in Google Wallet',
    countries: ['IE', 'US'],
    data: 'What the card shows: balance, rewards, and as much of the name as the merchant chose',
    guarantee: 'EU–US Data Privacy Framework and standard contractual clauses',
    certificates: [],
  },
  {
    name: 'Stripe',
    purpose: 'Invoices of merchants outside Shopify',
    countries: ['IE', 'US'],
    data: 'The merchant’s billing data; nothing of members',
    guarantee: 'EU–US Data Privacy Framework and standard contractual clauses',
    certificates: [],
  },
];

/** Reads the installation's own list. Throws `InvalidInput` that names what is wrong. */
export function readSubProcessors(text: string): SubProcessor[] {
  const parsed = z.array(subProcessorSchema).max(200).safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new InvalidInput('bad-sub-processors', `SUB_PROCESSORS_FILE: ${places.slice(0, 5).join('; ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
