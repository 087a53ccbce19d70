import { describe, expect, it } from 'vitest';

import { createNetworkMemory } from '#app/lib/network-memory.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');
const day = 86_400_000;

describe('W21 the memory of networks', () => {
  it('counts each network of a subject once a day, whatever address it gives', () => {
    const memory = createNetworkMemory({ subjectsMax: 10, networksMax: 10 });
    expect(memory.see('ada', '198.51.100.1', noon)).toBe(1);
    expect(memory.see('ada', '198.51.100.200', noon)).toBeNull();
    expect(memory.see('ada', '2001:db8:1:2::1', noon)).toBe(2);
    expect(memory.see('ada', '2001:db8:1:2:ffff::1', noon)).toBeNull();
    expect(memory.see('ben', '198.51.100.1', noon)).toBe(1);
    expect(memory.see('ada', '', noon)).toBeNull();
    expect(memory.see('ada', '198.51.100.1', noon + day)).toBe(1);
  });

  it('has an end: of networks, and of subjects', () => {
    const memory = createNetworkMemory({ subjectsMax: 2, networksMax: 2 });
    expect([1, 2, 3].map((n) => memory.see('ada', `198.51.${n}.1`, noon))).toEqual([1, 2, null]);
    memory.see('ben', '198.51.1.1', noon);
    memory.see('cy', '198.51.1.1', noon);
    expect(memory.see('ada', '198.51.1.1', noon)).toBe(1);
  });
});
