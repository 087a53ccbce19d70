/** Passes with one mistake each, as people and careless software make them, and what must be said of it. */
import type { AppleField } from '#app/domain/cards/apple-fields.ts';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';

/** `why` it is wrong, the `change` that makes it so (undefined takes a key away), and what our rules say. */
export type BrokenPass = { id: string; change: Record<string, unknown>; says: string; why: string };

const wrong = (id: string, why: string, change: Record<string, unknown>, says: string): BrokenPass => ({
  id,
  why,
  change,
  says,
});
const field: AppleField = { key: 'another', label: 'A', value: 'x' };
const action = { identifier: 'a', type: 'shop', url: 'https://shop.example' };
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...field, key: `more-${index}` }));
const locations = (changes: Record<string, unknown>) => ({ locations: [{ latitude: 1, longitude: 1, ...changes }] });

/** What NFC needs, in shape. */
export const sampleNfc = { message: 'card', encryptionPublicKey: 'MDkwEwYHKoZIzj0=' };

/** The mistakes, as changes of a pass that has none. */
export function brokenPasses(pass: ApplePass): BrokenPass[] {
  const style = pass.storeCard;
  const nfc = sampleNfc;
  const barcode = (changes: Record<string, unknown>) => ({ barcodes: [{ ...pass.barcodes[0], ...changes }] });
  return [
    wrong('P14', 'a key Wallet does not know', { colour: 'red' }, 'colour: P14: must be left out'),
    wrong('P15', 'a version in quotes', { formatVersion: '1' }, 'formatVersion: P15: must be the number 1'),
    wrong('P16', 'no name of the shop', { organizationName: ' ' }, 'organizationName: P16: must not be empty'),
    wrong('P16', 'no description', { description: undefined }, 'description: P16: must be a text'),
    wrong(
      'P17',
      'a type without its prefix',
      { passTypeIdentifier: 'com.example' },
      'passTypeIdentifier: P17: must look like',
    ),
    wrong('P18', 'a short team', { teamIdentifier: 'team' }, 'teamIdentifier: P18: must be ten capitals'),
    wrong('P19', 'two classic styles', { coupon: style }, 'storeCard: P19: must be the one classic style'),
    wrong('P19', 'a poster alone', { storeCard: undefined }, 'storeCard: P19'),
    wrong('P20', 'plain http', { webServiceURL: 'http://a.example' }, 'webServiceURL: P20: must be an absolute https'),
    wrong('P20', 'an address in disguise', { webServiceURL: 'javascript:https://a.example' }, 'webServiceURL: P20'),
    wrong(
      'P20',
      'a query',
      { webServiceURL: 'https://a.example/?shop=1' },
      'webServiceURL: P20: must be https, without query',
    ),
    wrong('P20', 'credentials', { webServiceURL: 'https://me:pw@a.example' }, 'webServiceURL: P20'),
    wrong('P20', 'no token with it', { authenticationToken: undefined }, 'authenticationToken: P21: must be a text'),
    wrong(
      'P21',
      'a guessable token',
      { authenticationToken: 'secret-secret-16' },
      'authenticationToken: P21: must be at least 32',
    ),
    wrong('P22', 'a short serial', { serialNumber: '42' }, 'serialNumber: P22: must be at least 22 random'),
    wrong('P22', 'an e-mail address', { serialNumber: 'ada.lovelace@example.com' }, 'serialNumber: P22'),
    wrong('P22', 'a telephone number', { serialNumber: '00491701234567-00491701234567' }, 'serialNumber: P22'),
    wrong('P22', 'one letter many times', { serialNumber: 'customer'.slice(0, 1).repeat(40) }, 'serialNumber: P22'),
    wrong('P22', 'anything in userInfo', { userInfo: { email: 'ada@example.com' } }, 'userInfo: P22: must be left out'),
    wrong(
      'P23',
      'a field without a key',
      { storeCard: { ...style, headerFields: [{ value: 1 }] } },
      'storeCard.headerFields.0.key: P23',
    ),
    wrong(
      'P23',
      'a field without a value',
      { storeCard: { ...style, headerFields: [{ key: 'a' }] } },
      'storeCard.headerFields.0.value: P23',
    ),
    wrong(
      'P23',
      'one key twice',
      { storeCard: { ...style, primaryFields: [{ ...field, key: 'terms' }] } },
      'storeCard: P23: must have each field key once, not terms again',
    ),
    wrong(
      'P23',
      'a script in a link',
      { storeCard: { ...style, primaryFields: [{ ...field, attributedValue: '<script>x</script>' }] } },
      'attributedValue: P23',
    ),
    wrong(
      'P24',
      'a notice without news',
      { storeCard: { ...style, primaryFields: [{ ...field, changeMessage: 'Updated' }] } },
      'changeMessage: P24: must contain %@ exactly once',
    ),
    wrong(
      'P24',
      'a notice with two',
      { storeCard: { ...style, primaryFields: [{ ...field, changeMessage: '%@%@' }] } },
      'changeMessage: P24',
    ),
    wrong(
      'P25',
      'two fields that announce',
      { storeCard: { ...style, primaryFields: [{ ...field, changeMessage: '%@' }] } },
      'changeMessage: P25: must be on one field alone',
    ),
    wrong(
      'P26',
      'four header fields',
      { storeCard: { ...style, headerFields: many(4) } },
      'storeCard.headerFields: P26: must be at most three',
    ),
    wrong(
      'P26',
      'two primary fields',
      { storeCard: { ...style, primaryFields: many(2) } },
      'storeCard.primaryFields: P26',
    ),
    wrong(
      'P26',
      'five details',
      { storeCard: { ...style, secondaryFields: [], auxiliaryFields: many(5) } },
      'storeCard: P26: must have at most four',
    ),
    wrong(
      'P26',
      'two headers on a poster',
      { posterGeneric: { headerFields: many(2) } },
      'posterGeneric.headerFields: P26',
    ),
    wrong(
      'P26',
      'five details on a poster',
      { posterGeneric: { primaryFields: many(5) } },
      'posterGeneric.primaryFields: P26',
    ),
    wrong(
      'P26',
      'two lines at its foot',
      { posterGeneric: { footerFields: many(2) } },
      'posterGeneric.footerFields: P26',
    ),
    wrong('P27', 'no barcode', { barcodes: [] }, 'barcodes: P27: must be at least one'),
    wrong('P27', 'the old key', { barcode: {} }, 'barcode: P27: must be left out'),
    wrong(
      'P27',
      'letters beyond ASCII',
      barcode({ message: '日本' }),
      'barcodes.0.message: P27: must be 1 to 512 printable',
    ),
    wrong('P27', 'too long a message', barcode({ message: 'x'.repeat(513) }), 'barcodes.0.message: P27'),
    wrong('P27', 'an unknown format', barcode({ format: 'QR' }), 'barcodes.0.format: P27: must be a barcode format'),
    wrong(
      'P27',
      'a new format alone',
      barcode({ format: 'PKBarcodeFormatEAN13' }),
      'barcodes: P27: must have a classic format',
    ),
    wrong(
      'P28',
      'a colour in disguise',
      { backgroundColor: 'xx #fff yy' },
      'backgroundColor: P28: must be rgb(r, g, b)',
    ),
    wrong('P28', 'too much red', { labelColor: 'rgb(256, 0, 0)' }, 'labelColor: P28'),
    wrong(
      'P28',
      'text nobody can read',
      { backgroundColor: 'rgb(250, 250, 250)' },
      'foregroundColor: P28: must have a contrast of 4.5',
    ),
    wrong(
      'P32',
      'eleven places',
      { locations: Array.from({ length: 11 }, () => ({ latitude: 1, longitude: 1 })) },
      'locations: P32: must be at most ten',
    ),
    wrong('P32', 'beyond the pole', locations({ latitude: 90.1 }), 'locations.0.latitude: P32: must be −90 to 90'),
    wrong('P32', 'beyond the date line', locations({ longitude: -181 }), 'locations.0.longitude: P32'),
    wrong(
      'P32',
      'a long text',
      locations({ relevantText: 'x'.repeat(81) }),
      'locations.0.relevantText: P32: must be at most 80',
    ),
    wrong(
      'P33',
      'a date without a zone',
      { expirationDate: '2027-01-01T00:00:00' },
      'expirationDate: P33: must be like',
    ),
    wrong(
      'P33',
      'an end before its start',
      { relevantDates: [{ startDate: '2026-11-22T09:00:00Z', endDate: '2026-11-22T08:00:00Z' }] },
      'relevantDates.0: P33',
    ),
    wrong(
      'P33',
      'one name for an instant',
      { relevantDates: [{ relevantDate: '2026-11-22T09:00:00Z' }] },
      'relevantDates.0: P33',
    ),
    wrong('P34', 'a word for a flag', { voided: 'yes' }, 'voided: P34: must be true or false'),
    wrong('P34', 'a number for a flag', { sharingProhibited: 1 }, 'sharingProhibited: P34'),
    wrong('P35', 'NFC that was not granted', { nfc }, 'nfc: P35: must be left out without a certificate'),
    wrong(
      'P35',
      'a long NFC message',
      { nfc: { ...nfc, message: 'ü'.repeat(33) } },
      'nfc.message: P35: must be at most 64 bytes',
    ),
    wrong(
      'P37',
      'three actions',
      { featuredActions: [action, action, action] },
      'featuredActions: P37: must be at most two',
    ),
    wrong(
      'P37',
      'an unknown action',
      { featuredActions: [{ ...action, type: 'dance' }] },
      'featuredActions.0.type: P37',
    ),
    wrong(
      'P37',
      'an action to nowhere',
      { featuredActions: [{ identifier: 'a', type: 'shop' }] },
      'featuredActions.0.url: P37: must be there',
    ),
    wrong(
      'P37',
      'a place with an address',
      { featuredActions: [{ ...action, type: 'place' }] },
      'featuredActions.0.url: P37',
    ),
    wrong(
      'P38',
      'an app without its number',
      { appLaunchURL: 'stampwell://card' },
      'appLaunchURL: P38: must come with associatedStoreIdentifiers',
    ),
  ];
}
