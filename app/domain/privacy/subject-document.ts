/**
 * What a person gets when they ask for their data: one JSON document, or the same as a table. It says what Article 15 of the
 * GDPR wants said beside the data: what it is for, who gets it, how long it is kept, and what may be asked.
 */
import { csvLine } from '#app/lib/csv.ts';

type Json = string | number | boolean | null | Date | Json[] | { [key: string]: Json };

export type PersonalData = { members: Record<string, unknown>[]; orders: Record<string, unknown>[] };

export type SubjectDocument = {
  format: 'stampwell-personal-data';
  version: 1;
  generatedAt: Date;
  shop: { name: string | null; domain: string };
  information: typeof information;
} & PersonalData;

const information = {
  purposes: [
    'Running the loyalty program: counting what was collected, spent and expired, and showing it on the card.',
    'Messages of the shop on the card, by e-mail or by text message, where they were agreed to.',
    'Statistics of the shop, where they were agreed to.',
  ],
  legalBases: ['The program: the contract with the member.', 'Messages and statistics: consent.'],
  sources: ['The member.', 'Shopify: orders and the customer record of this shop.', 'Staff of the shop.'],
  recipients: [
    'The shop and its staff.',
    'Apple and Google: what the card in the wallet shows.',
    'Integrators of the shop, where it uses any.',
  ],
  kept: [
    'Names and addresses: until the membership is erased.',
    'Entries of the ledger: as figures without a name, for as long as the shop must keep accounts.',
    'Proof of consent: under a key of its own that is destroyed with the membership.',
  ],
  rights: [
    'To have data corrected, erased, or kept without being used.',
    'To object to marketing and profiling, and to withdraw consent, at any time.',
    'To take the data elsewhere: this document is made for it.',
    'To complain to the data protection authority of the place where they live.',
  ],
  automatedDecisions: 'Points, tiers and rewards follow from the published rules of the program and nothing else.',
} as const;

/** The document of these data. */
export function portableDocument(made: {
  shop: { name: string | null; domain: string };
  at: Date;
  data: PersonalData;
}): SubjectDocument {
  const { shop, at, data } = made;
  return { format: 'stampwell-personal-data', version: 1, generatedAt: at, shop, information, ...data };
}

/**
 * The same as a table: a line for each single fact, with where it stands in the document. Text that a spreadsheet would
 * calculate is neutralised.
 */
export function subjectCsv(document: PersonalData): string {
  const lines = [csvLine(['Section', 'Item', 'Field', 'Value'])];
  for (const [index, member] of document.members.entries())
    for (const [section, value] of Object.entries(member))
      writeSection(lines, `membership ${index + 1}: ${section}`, value);
  writeSection(lines, 'orders', document.orders);
  return lines.join('');
}

function writeSection(lines: string[], section: string, value: unknown): void {
  const items = Array.isArray(value) ? value : [value];
  for (const [index, item] of items.entries())
    for (const [field, text] of leavesOf(item as Json, '')) lines.push(csvLine([section, index + 1, field, text]));
}

/** Every single fact of a value, with its path. */
function leavesOf(value: Json | undefined, path: string): [string, string | number | null][] {
  if (value === null || value === undefined) return [[path, null]];
  if (value instanceof Date) return [[path, value.toISOString()]];
  if (typeof value === 'boolean') return [[path, value ? 'yes' : 'no']];
  if (typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, path === '' ? key : `${path}.${key}`));
}
