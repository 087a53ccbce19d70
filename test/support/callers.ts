/** Asking a running system what its callers ask: a phone, an integrator, a till, and the operator's command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { call } from '#test/platform/http.ts';
import type { Answer } from '#test/platform/http.ts';
import type { System } from '#test/platform/system.ts';
import type { CardHolder, OpenShop } from '#test/support/shop-floor.ts';

export type Json = Record<string, unknown>;

/** The body of an answer; an empty object where it is none. */
export function jsonOf(answer: Answer): Json {
  const value: unknown = JSON.parse(answer.body.toString('utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export type Callers = {
  /** A request to the pass web service, with the token of this holder's pass; `{type}` stands for the pass type. */
  askWallet: (holder: CardHolder, address: string, request?: { method: string; body?: string }) => Promise<Answer>;
  /** A request to `/api/v1` with a fresh token of the shop's client. */
  askApi: (shop: OpenShop, address: string) => Promise<Answer>;
  /** A request to `/pos/v1` with a session token of the shop's staff. */
  askTill: (shop: OpenShop, address: string) => Promise<Answer>;
  /** `npm run shop -- add <domain>` */
  runShopCommand: (domain: string) => Promise<{ code: unknown; output: string }>;
};

/** The callers of a system. */
export function createCallers(system: System): Callers {
  const { app } = system.addresses;

  async function tokenFor(shop: OpenShop): Promise<string> {
    const credentials = { client_id: shop.apiClientId, client_secret: shop.apiClientSecret };
    const answer = await call({
      url: `${app}/oauth/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...credentials }).toString(),
    });
    if (answer.status !== 200) throw new Error(`the token was answered with ${answer.status}`);
    return String(jsonOf(answer)['access_token']);
  }

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
    askApi: async (shop, address) => {
      const headers = { authorization: `Bearer ${await tokenFor(shop)}` };
      return call({ url: `${app}/api/v1/${address}`, headers });
    },
    askTill: async (shop, address) => {
      const headers = { authorization: `Bearer ${await system.shopify.mintSessionToken(shop.shopDomain)}` };
      return call({ url: `${app}/pos/v1/${address}`, headers });
    },
    runShopCommand: async (domain) => {
      const program = path.join(import.meta.dirname, '..', 'platform', 'shop-add.ts');
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'add', domain], {
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
