import { describe, expect, it } from 'vitest';

import { languages } from '#app/domain/members/languages.ts';
import { type BreachFacts, breachNotice } from '#app/domain/security/breach-notices.ts';

const facts: BreachFacts = {
  shopName: 'Kaffeehaus',
  noticedAt: '1 March 2026',
  tellBy: '4 March 2026',
  members: 1_204,
  fields: ['name', 'email'],
  measures: ['12:04: revoke-key'],
  reference: 'INC-7',
};

describe('K09 F23 notices of a breach', () => {
  it('exist for the authority and for people in at least four languages, no two alike', () => {
    const all = languages.flatMap((language) => [
      breachNotice('authority', language, facts),
      breachNotice('people', language, facts),
    ]);
    expect(new Set(all).size).toBe(languages.length * 2);
    expect(languages.length).toBeGreaterThanOrEqual(4);
  });

  it.each(languages)('in %s say what Art. 33 and 34 ask for, and leave to people what only they know', (language) => {
    const authority = breachNotice('authority', language, facts);
    for (const text of [
      'Art. 33',
      'Kaffeehaus',
      '1 March 2026',
      '4 March 2026',
      '1204',
      '12:04: revoke-key',
      'INC-7',
      '72',
    ])
      expect(authority.toLowerCase()).toContain(text.toLowerCase());
    const people = breachNotice('people', language, facts);
    for (const text of ['Kaffeehaus', '1 March 2026', '12:04: revoke-key', 'INC-7']) expect(people).toContain(text);
    for (const text of [authority, people]) {
      expect(text).toMatch(/\[[^\]]{5,}\]/);
      expect(text).not.toMatch(/undefined|null|\$\{/);
    }
    expect(breachNotice('people', language, { ...facts, fields: [], measures: [] })).not.toMatch(/undefined|: \n/);
  });
});
