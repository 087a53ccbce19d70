import { describe, expect, it } from 'vitest';

import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { starterOutline } from '#app/domain/programs/program-outline.ts';
import { programNameFor, wholeWords } from '#app/domain/whole-words.ts';

const longName = 'The Very Long Named Old Town Coffee Roasters And Bakery';

describe('whole words', () => {
  it.each([
    ['Bluebird Coffee', 40, 'Bluebird Coffee'],
    ['  Bluebird   Coffee ', 40, 'Bluebird Coffee'],
    [longName, 40, 'The Very Long Named Old Town Coffee'],
    ['The Very Long', 8, 'The Very'],
    ['Kaffeehausgesellschaft', 6, 'Kaffee'],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 12, '👩‍👩‍👧‍👦'],
    ['', 5, ''],
  ])('of %j in %i characters are %j', (text, lengthMax, kept) => {
    expect(wholeWords(text, lengthMax)).toBe(kept);
  });

  it('name the card and the program of a shop whose name is too long for either', () => {
    expect(starterDesign(longName)).toMatchObject({
      organizationName: 'The Very Long Named Old Town Coffee',
      logoText: 'The Very Long Named Old',
    });
    const name = 'The Very Long Named Old Town Rewards';
    expect(defaultProgram({ shopName: longName, currency: 'EUR' }).name).toBe(name);
    expect(starterOutline(longName).name).toBe(name);
    expect(programNameFor('')).toBe('Rewards');
  });
});
