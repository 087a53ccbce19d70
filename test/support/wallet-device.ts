/** A device that speaks PassKit's web service request by request, so that tests can be as wrong as they like. */
import { randomBytes } from 'node:crypto';

import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import type { Edge } from '#test/support/edge.ts';
import { type Answer, call } from '#test/platform/http.ts';
import type { ReadPass } from '#test/platform/pass-reader.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

export type HeldPass = { serial: string; token: string; type: string; lastModified: string };

type Request = {
  method?: string;
  authorization?: string | undefined;
  body?: string | Buffer;
  headers?: Record<string, string>;
};

export type WalletDevice = {
  id: string;
  pushToken: string;
  ask: (path: string, request?: Request) => Promise<Answer>;
  registration: (pass: HeldPass) => string;
  register: (pass: HeldPass, pushToken?: string) => Promise<number>;
  unregister: (pass: HeldPass) => Promise<number>;
  /** Null: nothing changed. */
  list: (tag?: string) => Promise<{ serialNumbers: string[]; lastUpdated: string } | null>;
  get: (pass: HeldPass, since?: string) => Promise<Answer>;
};

export const passPath = (pass: Pick<HeldPass, 'type' | 'serial'>) => `passes/${pass.type}/${pass.serial}`;
export const authorizationOf = (pass: HeldPass) => `ApplePass ${pass.token}`;

/** Downloads a member's pass from the card page, as a phone does before it knows the web service. */
export async function holdPass(cardUrl: string, rootPem: string): Promise<HeldPass> {
  const { body, lastModified } = await downloadApplePass({ token: cardUrl.split('/').at(-1) ?? '' });
  const { passJson } = await conformantPass(body, rootPem);
  const text = (key: string) => String(passJson[key]);
  return {
    serial: text('serialNumber'),
    token: text('authenticationToken'),
    type: text('passTypeIdentifier'),
    lastModified: lastModified.toUTCString(),
  };
}

/** A field's value of a fetched pass, wherever on the card it stands. */
export function fieldOf({ passJson }: ReadPass, key: string): unknown {
  const groups = Object.values(passJson['storeCard'] as Record<string, { key: string; value: unknown }[]>);
  return groups.flat().find((field) => field.key === key)?.value;
}

export function createDevice(edge: Edge): WalletDevice {
  const id = randomBytes(16).toString('hex');
  const pushToken = randomBytes(32).toString('hex');
  const ask = (path: string, { authorization, headers, ...rest }: Request = {}) =>
    call({
      url: `${edge.url}/wallet/apple/v1/${path}`,
      ...rest,
      headers: { ...(authorization !== undefined && { authorization }), ...headers },
    });
  const registration = (pass: HeldPass) => `devices/${id}/registrations/${pass.type}/${pass.serial}`;
  return {
    id,
    pushToken,
    ask,
    registration,
    register: async (pass, token = pushToken) =>
      (
        await ask(registration(pass), {
          method: 'POST',
          authorization: authorizationOf(pass),
          body: JSON.stringify({ pushToken: token }),
        })
      ).status,
    unregister: async (pass) =>
      (await ask(registration(pass), { method: 'DELETE', authorization: authorizationOf(pass) })).status,
    list: async (tag) => {
      const query = tag === undefined ? '' : `?passesUpdatedSince=${encodeURIComponent(tag)}`;
      const answer = await ask(`devices/${id}/registrations/pass.com.stampwell.loyalty${query}`);
      return answer.status === 204
        ? null
        : (JSON.parse(answer.body.toString()) as { serialNumbers: string[]; lastUpdated: string });
    },
    get: (pass, since) =>
      ask(passPath(pass), {
        authorization: authorizationOf(pass),
        ...(since !== undefined && { headers: { 'if-modified-since': since } }),
      }),
  };
}
