/** The program that a shop added from the command line starts with: points for money, a stamp for every order. */
import { formatMinor } from '#app/domain/money.ts';
import { plainProgram, type ProgramDocument } from '#app/domain/programs/program.ts';
import { programNameFor } from '#app/domain/whole-words.ts';

const amountOffMinor = 500;

/** Same name and currency, same program; the reward takes off money of that currency, as Shopify takes no other. One point for each whole unit of money: 1.00, or ¥100, or 1.000 where there are mils. */
export function defaultProgram({ shopName, currency }: { shopName: string; currency: string }): ProgramDocument {
  return {
    ...plainProgram,
    name: programNameFor(shopName),
    units: [
      { kind: 'stamp', id: 'stamps', label: 'Stamps', stampsNeeded: 10 },
      { kind: 'point', id: 'points', label: 'Points' },
    ],
    earnRules: [
      {
        kind: 'spend',
        id: 'point-per-unit',
        unit: 'points',
        rates: [
          { currency: 'USD', amount: 1, perMinor: 100 },
          { currency: 'EUR', amount: 1, perMinor: 100 },
          { currency: 'GBP', amount: 1, perMinor: 100 },
          { currency: 'JPY', amount: 1, perMinor: 100 },
          { currency: 'KWD', amount: 1, perMinor: 1_000 },
        ],
        rounding: 'floor',
        conditions: {},
      },
      { kind: 'visit', id: 'stamp-per-order', unit: 'stamps', amount: 1, conditions: {} },
    ],
    rewards: [
      {
        id: 'free-coffee',
        name: 'Free coffee',
        unit: 'stamps',
        cost: 10,
        benefit: { kind: 'custom', instructions: 'Hand over one coffee of the member’s choice.' },
      },
      {
        id: 'five-off',
        name: `${formatMinor({ minor: amountOffMinor, currency, locale: 'en' })} off`,
        unit: 'points',
        cost: 100,
        benefit: { kind: 'amount-off', amountMinor: amountOffMinor, currency },
      },
    ],
    settings: { ...plainProgram.settings, debtPolicy: 'carry', expiry: { mode: 'none' } },
  };
}
