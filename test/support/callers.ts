/** Asking a running system what its callers ask: a phone, an integrator, a till, and the operator's command line. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';

import { storefrontProgramSchema } from '#app/contracts/storefront.ts';
import type { StorefrontEnrollment, StorefrontProgram } from '#app/contracts/storefront.ts';
import { call } from '#test/platform/http.ts';
import type { Answer } from '#test/platform/http.ts';
import { nodeWords } from '#test/platform/node-words.ts';
import type { AddedShop } from '#test/platform/run-shop-add.ts';
import { mintShopperToken } from '#test/platform/session-token.ts';
import type { System } from '#test/platform/system.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

export type Json = Record<string, unknown>;

/** The body of an answer; an empty object where it is none. */
export function jsonOf(answer: Answer): Json {
  const value: unknown = JSON.parse(answer.body.toString('utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A fresh token of the client that was made with the shop. */
export async function tokenFor(appUrl: string, shop: AddedShop): Promise<string> {
  const credentials = { client_id: shop.apiClientId, client_secret: shop.apiClientSecret };
  const answer = await call({
    url: `${appUrl}/oauth/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...credentials }).toString(),
  });
  if (answer.status !== 200) throw new Error(`the token was answered with ${answer.status}`);
  return String(jsonOf(answer)['access_token']);
}

/** A request to `/api/v1` with a fresh token of the shop's client: a POST when there is a body. */
export async function askApiAs(appUrl: string, shop: AddedShop, address: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${await tokenFor(appUrl, shop)}` };
  const url = `${appUrl}/api/v1/${address}`;
  if (body === undefined) return call({ url, headers });
  const told = { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  return call({ url, headers: told, body: JSON.stringify(body) });
}

export type Checkout = {
  program: StorefrontProgram;
  /** Joins with an order, nothing ticked. */
  join: (orderId: number) => Promise<Answer>;
};

export type Callers = {
  /** A request to the pass web service, with the token of this holder's pass; `{type}` stands for the pass type. */
  askWallet: (holder: CardHolder, address: string, request?: { method: string; body?: string }) => Promise<Answer>;
  /** A request to `/api/v1` with a fresh token of the shop's client. */
  askApi: (shop: OpenShop, address: string) => Promise<Answer>;
  /** A request to `/pos/v1` with a session token of the shop's staff. */
  askTill: (shop: OpenShop, address: string) => Promise<Answer>;
  /** A page of the shop's checkout, open for a customer who is logged in or for a guest. */
  openCheckout: (shop: OpenShop, customerId: number | null) => Promise<Checkout>;
  /** `npm run shop -- add <domain>` */
  runShopCommand: (domain: string) => Promise<{ code: unknown; output: string }>;
};

/** The callers of a system. */
export function createCallers(system: System): Callers {
  const { app } = system.addresses;

  return {
    askWallet: (holder, address, request = { method: 'GET' }) => {
      const { passJson, passTypeIdentifier } = holder.pass();
      const { webServiceURL, authenticationToken } = passJson;
      return call({
        ...request,
        url: `${String(webServiceURL)}/v1/${address.replace('{type}', passTypeIdentifier)}`,
        headers: { authorization: `ApplePass ${String(authenticationToken)}`, 'content-type': 'application/json' },
        certificateAuthority: system.certificates.root,
      });
    },
    askApi: (shop, address) => askApiAs(app, shop, address),
    askTill: async (shop, address) => {
      const headers = { authorization: `Bearer ${await system.shopify.mintSessionToken(shop.shopDomain)}` };
      return call({ url: `${app}/pos/v1/${address}`, headers });
    },
    openCheckout: async (shop, customerId) => {
      const token = await mintShopperToken(system.shopify.app, shop.shopDomain, customerId);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const program = storefrontProgramSchema.parse(
        jsonOf(await call({ url: `${app}/storefront/v1/program`, headers })),
      );
      const join = (orderId: number): Promise<Answer> => {
        const enrollment: StorefrontEnrollment = {
          orderId: `gid://shopify/Order/${orderId}`,
          consents: { program: false, marketing: false },
          wordingVersion: program.consentWording.version,
          locale: 'en',
        };
        return call({ url: `${app}/storefront/v1/enrollments`, headers, body: JSON.stringify(enrollment) });
      };
      return { program, join };
    },
    runShopCommand: async (domain) => {
      const program = path.join(import.meta.dirname, '..', 'platform', 'shop-add.ts');
      const child = spawn(process.execPath, [...nodeWords, program, 'add', domain], {
        env: { ...process.env, ...system.environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      const [code]: unknown[] = await once(child, 'close');
      return { code, output };
    },
  };
}
