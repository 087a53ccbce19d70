import { fireEvent } from '@testing-library/preact';
import { vi } from 'vitest';
import { storefrontProgramSchema } from '#app/contracts/storefront.ts';
import type { StorefrontProgram } from '#app/contracts/storefront.ts';
import english from '../locales/en.default.json' with { type: 'json' };

/** A program as the app describes one, checked against the contract. */
export function programWith(part: Partial<StorefrontProgram> = {}): StorefrontProgram {
  return storefrontProgramSchema.parse({
    programName: 'Coffee Club',
    unitLabel: 'stamps',
    earnExample: '1 stamp for each coffee, 10 stamps for a free one',
    consentWording: {
      program: 'Tell me about my stamps and rewards.',
      marketing: 'Send me news and offers.',
      version: 'en-3',
    },
    isLive: true,
    member: null,
    ...part,
  });
}

export interface Request {
  method: string;
  url: string;
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
      url: typeof input === 'string' ? input : 'not an address',
      authorization: new Headers(init?.headers).get('authorization'),
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : null,
    });
    const reply = queue.shift() ?? 'no-network';
    if (reply === 'no-network') throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify(reply.body), { status: reply.status });
  });
  return { requests, fetch: answer };
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function problem(status: number, code: string): Reply {
  return { status, body: { type: 'about:blank', title: 'Refused', status, code } };
}

/** Translates like checkout does, from the English file; a key that is missing there fails the test. */
export function translate(key: string, replacements: Record<string, string | number> = {}): string {
  let found: unknown = english;
  for (const part of key.split('.')) found = Object.entries(Object(found)).find(([name]) => name === part)?.[1];
  if (typeof found !== 'string') throw new Error(`No English text for ${key}`);
  return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(replacements[name]));
}

/** Text and headings on the page; web components carry their headings as attributes. */
export function page(): string {
  const headings = [...document.querySelectorAll('[heading]')].map((element) => element.getAttribute('heading'));
  return [...headings, document.body.textContent].join('\n');
}

export function button(label: string): Element {
  const found = [...document.querySelectorAll<HTMLElement>('s-button')].find(
    (element) => element.textContent === label,
  );
  if (found === undefined) throw new Error(`No button "${label}" on: ${page()}`);
  return found;
}

/** The consent boxes in order, as `label: ticked`. */
export function boxes(): string[] {
  return [...document.querySelectorAll('s-checkbox')].map(
    (box) => `${labelOf(box)}: ${box.checked === true || attribute(box, 'checked') !== null}`,
  );
}

/** Outside Shopify the components are plain elements, which keep what they are given as attributes. */
function attribute(element: object, name: string): string | null {
  return element instanceof HTMLElement ? element.getAttribute(name) : null;
}

function labelOf(box: object): string {
  return attribute(box, 'label') ?? '';
}

export function tick(label: string): void {
  const box = [...document.querySelectorAll('s-checkbox')].find((candidate) => labelOf(candidate) === label);
  if (box === undefined) throw new Error(`No box "${label}"`);
  box.checked = true;
  fireEvent.change(box);
}
