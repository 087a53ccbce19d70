import { describe, expect, it } from 'vitest';
import { announcedChanges, applePassProblems } from '#app/domain/cards/apple-pass-rules.ts';
import { type ApplePass, toApplePass } from '#app/domain/cards/apple-pass.ts';
import { buildPassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import { samplePassInput, samplePassJson } from '#test/support/pass-samples.ts';

const drawn = (changes: Partial<PassInput> = {}) => samplePassJson(buildPassContent(samplePassInput(changes)));
const pointsInput: Partial<PassInput> = {
  units: [{ kind: 'point', id: 'points', label: 'Points' }],
  balances: [{ unit: 'points', balance: 120, held: 0 }],
  rewards: [],
};
const bothInput: Partial<PassInput> = {
  units: [
    { kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 },
    { kind: 'point', id: 'points', label: 'Points' },
    { kind: 'point', id: 'miles', label: 'Miles' },
    { kind: 'point', id: 'stars', label: 'Stars' },
  ],
};

/** A pass.json with one thing changed, as a mistake would. */
const changed = (change: Record<string, unknown>): unknown => ({ ...samplePassJson(), ...change });
const fieldsOf = ({ storeCard }: ApplePass) => Object.values(storeCard).flat();

describe('a drawn pass', () => {
  it('breaks no rule, whatever the card counts', () => {
    for (const input of [{}, pointsInput, bothInput, { isVoid: true }, { memberName: null, rewards: [] }])
      expect(applePassProblems(drawn(input))).toEqual([]);
  });

  it('announces through exactly one field', () => {
    for (const input of [{}, pointsInput, bothInput, { isVoid: true }])
      expect(fieldsOf(drawn(input)).filter(({ changeMessage }) => changeMessage !== undefined)).toMatchObject([
        { key: 'announcement', changeMessage: '%@' },
      ]);
  });

  it('P25: changes one announced field when a stamp lands, and none when nothing changed', () => {
    const before = drawn();
    const after = drawn({ balances: [{ unit: 'stamps', balance: 10, held: 0 }] });
    expect(announcedChanges(before, after)).toEqual(['announcement']);
    expect(announcedChanges(before, before)).toEqual([]);
  });

  it('leaves the primary field to the strip when it has one', () => {
    expect(drawn().storeCard.primaryFields).toEqual([]);
    expect(drawn().storeCard.headerFields).toMatchObject([{ key: 'stamps', value: '4 / 10' }]);
  });

  it('shows points large when it has no strip', () => {
    expect(drawn(pointsInput).storeCard.primaryFields).toMatchObject([{ key: 'points-points', value: 120 }]);
    expect(drawn(pointsInput).storeCard.headerFields).toEqual([]);
  });

  it('keeps to Apple’s number of header fields however many units there are', () => {
    expect(drawn(bothInput).storeCard.headerFields.map(({ key }) => key)).toEqual([
      'stamps',
      'points-points',
      'points-miles',
    ]);
  });

  it('writes colours the way Apple reads them', () => {
    expect(drawn().backgroundColor).toBe('rgb(75, 46, 30)');
  });

  it('is voided and carries nothing personal once the card is void', () => {
    const pass = drawn({ isVoid: true });
    expect(pass.voided).toBe(true);
    expect(JSON.stringify(pass)).not.toContain('Ada');
    expect(JSON.stringify(pass)).not.toContain('/card/');
  });

  it('L08 says under its code that a system made it that is not the real one', () => {
    expect(drawn({ systemMark: 'TEST' }).barcodes).toEqual([expect.objectContaining({ altText: 'TEST' })]);
    expect(JSON.stringify(drawn({}))).not.toContain('TEST');
  });

  it('leaves out an empty logo text rather than saying nothing', () => {
    const content = { ...buildPassContent(samplePassInput()), logoText: '' };
    expect(toApplePass(content, samplePassJson())).not.toHaveProperty('logoText');
  });
});

describe('the rules', () => {
  const field = { key: 'a', label: 'A', value: 'x' };
  const style = samplePassJson().storeCard;
  const cases: [string, Record<string, unknown>][] = [
    ['P15', { formatVersion: '1' }],
    ['organizationName', { organizationName: ' ' }],
    ['P17', { passTypeIdentifier: 'com.example' }],
    ['P18', { teamIdentifier: 'team' }],
    ['P19', { coupon: style }],
    ['P19', { storeCard: undefined }],
    ['P20', { webServiceURL: 'javascript:https://a.example' }],
    ['P20', { webServiceURL: 'https://stampwell.example/wallet?shop=1' }],
    ['P20', { webServiceURL: 'stampwell.example' }],
    ['webServiceURL', { webServiceURL: undefined }],
    ['P21', { authenticationToken: 'short' }],
    ['P22', { serialNumber: '42' }],
    ['P23', { storeCard: { ...style, auxiliaryFields: [{ ...field, key: 'stamps' }] } }],
    ['P24', { storeCard: { ...style, auxiliaryFields: [{ ...field, changeMessage: 'Updated' }] } }],
    ['P24', { storeCard: { ...style, auxiliaryFields: [{ ...field, changeMessage: '%@ %@' }] } }],
    ['P26', { storeCard: { ...style, headerFields: ['a', 'b', 'c', 'd'].map((key) => ({ ...field, key })) } }],
    ['P26', { storeCard: { ...style, primaryFields: ['a', 'b'].map((key) => ({ ...field, key })) } }],
    ['P26', { storeCard: { ...style, auxiliaryFields: ['a', 'b', 'c', 'd'].map((key) => ({ ...field, key })) } }],
    ['P27', { barcodes: [] }],
    ['P27', { barcodes: [{ format: 'PKBarcodeFormatQR', message: '日本', messageEncoding: 'iso-8859-1' }] }],
    ['P27', { barcodes: [{ format: 'PKBarcodeFormatEAN13', message: '1', messageEncoding: 'iso-8859-1' }] }],
    ['P27', { barcodes: [{ format: 'QR', message: '1', messageEncoding: 'iso-8859-1' }] }],
    ['barcode', { barcode: {} }],
    ['P28', { backgroundColor: 'xx #fff yy' }],
    ['P28', { backgroundColor: 'rgb(300, 0, 0)' }],
    ['P28', { backgroundColor: 'rgb(250, 250, 250)' }],
    ['P32', { locations: Array.from({ length: 11 }, () => ({ latitude: 1, longitude: 1 })) }],
    ['latitude', { locations: [{ latitude: 91, longitude: 1 }] }],
    ['expirationDate', { expirationDate: '2027-01-01' }],
    ['P34', { voided: 'yes' }],
    ['P35', { nfc: { message: 'x'.repeat(65), encryptionPublicKey: 'key' } }],
    ['P37', { featuredActions: ['a', 'b', 'c'].map((type) => ({ type })) }],
    ['P38', { appLaunchURL: 'stampwell://card' }],
    ['userInfo', { userInfo: { customerId: 1 } }],
  ];

  it.each(cases)('find what breaks %s: %j', (rule, change) => {
    const pass: Record<string, unknown> = { ...samplePassJson(), ...change };
    for (const [key, value] of Object.entries(change)) if (value === undefined) delete pass[key];
    expect(applePassProblems(pass).join('; ')).toContain(rule);
  });

  it('take a newer barcode format when a classic one follows', () => {
    const barcodes = ['PKBarcodeFormatEAN13', 'PKBarcodeFormatQR'].map((format) => ({
      format,
      message: '4006381333931',
      messageEncoding: 'iso-8859-1',
    }));
    expect(applePassProblems(changed({ barcodes }))).toEqual([]);
  });

  it('find that something is no pass at all', () => {
    for (const nothing of [null, 'pass', [], 7]) expect(applePassProblems(nothing)).not.toEqual([]);
  });
});
