import { formatCode } from '#app/components/admin/format.ts';

const words: Record<string, string> = {
  'applied deliveries': 'Messages from Shopify that were worked on',
  'quarantined bodies': 'Messages from Shopify that could not be read (sealed)',
  'parked deliveries': 'Messages from Shopify that were set aside',
  'answers to data requests': 'Copies of their data that people asked for',
  'devices of erased members': 'Phones of erased members, so that their card turns grey',
  'idempotency keys': 'Answers to integrators, in case they ask twice',
  'counts of wrong PINs': 'Counts of wrong PINs',
  'mails to shoppers': 'Mails that wait to be opened',
  'marks of calls from Google': 'Marks of calls from Google, against repeats',
  'used half minutes of card codes': 'Marks of card codes, against repeats',
  'logos never published': 'Pictures that were never published',
  'who got a message': 'Who got a campaign’s message',
  'prepared passes': 'Cards made ahead for phones',
  'hours of card freshness': 'Figures of card freshness (nobody named)',
  'signals of detectors': 'Signals of the detectors',
  'who read which members': 'Who read which members’ data',
  'decisions of machines': 'Decisions that a machine made, with their reasons',
  'billing records': 'What you were billed (no member named)',
  'audit records': 'Audit log',
  'calls of the API': 'Calls of integrators, with their network address',
  'inactive members': 'Members who stopped coming',
};

/** What a class of data is, for somebody who does not know how this is built. */
export function classInWords(name: string): string {
  return words[name] ?? formatCode(name);
}
