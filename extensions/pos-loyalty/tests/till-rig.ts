import { vi } from 'vitest';
import { posMemberSchema } from '#app/contracts/pos.ts';
import type { PosMember } from '#app/contracts/pos.ts';
import english from '../locales/en.default.json' with { type: 'json' };

/** A member as the app describes one, checked against the contract. */
export function memberWith(part: Partial<PosMember> = {}): PosMember {
  return posMemberSchema.parse({
    memberId: 'member-1',
    displayName: 'Ada',
    status: 'active',
    shopifyCustomerId: '42',
    balances: [{ unit: 'coffee', kind: 'stamp', label: 'Coffee stamps', collected: 7, available: 7, needed: 10 }],
    rewards: [
      { rewardId: 'reward-1', name: 'Free coffee', unit: 'coffee', cost: 5, affordable: true, discountLabel: 'free' },
    ],
    lastEntry: null,
    ...part,
  });
}

export function withStamps(collected: number, part: Partial<PosMember> = {}): PosMember {
  const balances = memberWith().balances.map((balance) => ({ ...balance, collected, available: collected }));
  return memberWith({ balances, ...part });
}

export interface Request {
  method: string;
  path: string;
  authorization: string | null;
  body: unknown;
}

type Reply = { status: number; body: unknown } | 'no-network';

/** An app that answers in the given order and keeps what it was asked. */
export function appAnswering(...replies: Reply[]): { requests: Request[]; fetch: typeof fetch } {
  const requests: Request[] = [];
  const queue = [...replies];
  const answer = vi.fn<typeof fetch>(async (input, init) => {
    requests.push({
      method: init?.method ?? 'GET',
      path: typeof input === 'string' ? input : 'not an address',
      authorization: new Headers(init?.headers).get('authorization'),
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : null,
    });
    const reply = queue.shift() ?? 'no-network';
    if (reply === 'no-network') throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify(reply.body), { status: reply.status });
  });
  return { requests, fetch: answer };
}

export function problem(status: number, code: string): Reply {
  return { status, body: { type: 'about:blank', title: 'Refused', status, code } };
}

/** Translates like POS does, from the English file; a key that is missing there fails the test. */
export function translate(key: string, replacements: Record<string, string | number> = {}): string {
  let found: unknown = english;
  for (const part of key.split('.')) found = Object.entries(Object(found)).find(([name]) => name === part)?.[1];
  if (typeof found !== 'string') throw new Error(`No English text for ${key}`);
  return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(replacements[name]));
}

/** Text and headings on the screen; web components carry their headings as attributes or properties. */
export function screen(): string {
  const headings = [...document.querySelectorAll('[heading]')].map((element) => element.getAttribute('heading'));
  return [...headings, document.body.textContent].join('\n');
}

export function button(label: string): Element {
  const found = [...document.querySelectorAll('s-button')].find((element) => element.textContent?.includes(label));
  if (found === undefined) throw new Error(`No button "${label}" on: ${screen()}`);
  return found;
}
