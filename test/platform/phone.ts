/**
 * A virtual phone: installs real passes, registers with the real web service, wakes on pushes, fetches, verifies and
 * keeps what it saw. It knows nothing of the product but what Apple published, and shares no code with it.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { call } from '#test/platform/http.ts';
import type { Answer } from '#test/platform/http.ts';
import { readPass } from '#test/platform/pass-reader.ts';

export type PassFile = Record<string, unknown>;

export type PhonePass = {
  serialNumber: string;
  passTypeIdentifier: string;
  passJson: PassFile;
  files: Map<string, Buffer>;
  lastModified: string | undefined;
  fetchedAt: Date;
  /** How many different versions this phone has held. */
  versions: number;
};

export type PhoneEvent = {
  at: Date;
  kind: 'installed' | 'registered' | 'push' | 'listed' | 'fetched' | 'unchanged' | 'verified' | 'removed' | 'failed';
  serialNumber: string | null;
  durationMs: number;
  detail: string;
};

export type Phone = {
  deviceLibraryIdentifier: string;
  pushToken: string;
  /** Downloads, verifies and registers a pass. Rejects when anything about it is wrong. */
  install: (url: string) => Promise<PhonePass>;
  /** Unregisters and forgets a pass. */
  remove: (serialNumber: string) => Promise<void>;
  /** What APNs does: wakes the phone when the token is its own. */
  receivePush: (pushToken: string) => void;
  /** Asks for what changed and fetches it, as a push makes it do. */
  refresh: () => Promise<void>;
  passes: () => PhonePass[];
  pass: (serialNumber: string) => PhonePass | undefined;
  history: () => PhoneEvent[];
  /** Resolves with the pass once it fulfils the condition; rejects after the timeout. */
  waitFor: (serialNumber: string, condition: (pass: PhonePass) => boolean, timeoutMs: number) => Promise<PhonePass>;
  close: () => void;
};

export type PhoneOptions = { rootPem: string; onEvent?: (event: PhoneEvent) => void };

const historyLength = 2000;
const triesMax = 40;
const retryMs = 500;
const userAgent =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

function textOf(passJson: PassFile, key: string): string {
  const value = passJson[key];
  if (typeof value !== 'string' || value === '') throw new Error(`the pass has no ${key}`);
  return value;
}

function expectStatus(answer: Answer, wanted: number[], what: string): void {
  if (!wanted.includes(answer.status)) throw new Error(`${what} was answered with ${answer.status}`);
}

/** Makes a phone with fresh identifiers. */
export function createPhone(options: PhoneOptions): Phone {
  const deviceLibraryIdentifier = randomBytes(16).toString('hex');
  const pushToken = randomBytes(32).toString('hex');
  const passes = new Map<string, PhonePass>();
  const tags = new Map<string, string>();
  const history: PhoneEvent[] = [];
  const end = new AbortController();
  let isAwake = false;
  let triesLeft = 0;

  function note(
    kind: PhoneEvent['kind'],
    event: { serialNumber?: string; durationMs?: number; detail?: string } = {},
  ): void {
    const { serialNumber = null, durationMs = 0, detail = '' } = event;
    const full: PhoneEvent = { at: new Date(), kind, serialNumber, durationMs, detail };
    history.push(full);
    if (history.length > historyLength) history.shift();
    options.onEvent?.(full);
  }

  function send(
    url: string,
    settings: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    return call({
      ...settings,
      url,
      headers: { 'user-agent': userAgent, ...settings.headers },
      certificateAuthority: options.rootPem,
    });
  }

  function keep(answer: Answer, isUpdate: boolean): PhonePass {
    expectStatus(answer, [200], 'the pass');
    if (isUpdate)
      note('fetched', { durationMs: answer.durationMs, detail: `${(answer.body.length / 1024).toFixed(0)} KB` });
    const type = answer.headers['content-type'] ?? '';
    if (!type.startsWith('application/vnd.apple.pkpass')) throw new Error(`a pass came as ${type}`);
    const startedAt = performance.now();
    const { passJson, files } = readPass(answer.body, options.rootPem);
    const serialNumber = textOf(passJson, 'serialNumber');
    const durationMs = performance.now() - startedAt;
    const pass: PhonePass = {
      serialNumber,
      passTypeIdentifier: textOf(passJson, 'passTypeIdentifier'),
      passJson,
      files,
      lastModified: answer.headers['last-modified'],
      fetchedAt: new Date(),
      versions: (passes.get(serialNumber)?.versions ?? 0) + 1,
    };
    passes.set(serialNumber, pass);
    if (isUpdate) note('verified', { serialNumber, durationMs });
    return pass;
  }

  function serviceOf(pass: PhonePass): { base: string; headers: Record<string, string> } {
    const base = `${textOf(pass.passJson, 'webServiceURL').replace(/\/+$/, '')}/v1`;
    return { base, headers: { authorization: `ApplePass ${textOf(pass.passJson, 'authenticationToken')}` } };
  }

  function registrationUrl(pass: PhonePass): string {
    const { base } = serviceOf(pass);
    return `${base}/devices/${deviceLibraryIdentifier}/registrations/${pass.passTypeIdentifier}/${pass.serialNumber}`;
  }

  async function install(url: string): Promise<PhonePass> {
    const answer = await send(url);
    const pass = keep(answer, false);
    note('installed', { serialNumber: pass.serialNumber, durationMs: answer.durationMs });
    const registered = await send(registrationUrl(pass), {
      method: 'POST',
      headers: { ...serviceOf(pass).headers, 'content-type': 'application/json' },
      body: JSON.stringify({ pushToken }),
    });
    expectStatus(registered, [200, 201], 'the registration');
    note('registered', { serialNumber: pass.serialNumber, durationMs: registered.durationMs });
    return pass;
  }

  async function remove(serialNumber: string): Promise<void> {
    const pass = passes.get(serialNumber);
    if (pass === undefined) return;
    const answer = await send(registrationUrl(pass), { method: 'DELETE', headers: serviceOf(pass).headers });
    expectStatus(answer, [200], 'the end of a registration');
    passes.delete(serialNumber);
    note('removed', { serialNumber, durationMs: answer.durationMs });
  }

  async function fetchPass(serialNumber: string): Promise<void> {
    const held = passes.get(serialNumber);
    if (held === undefined) return;
    const { base, headers } = serviceOf(held);
    const since: Record<string, string> =
      held.lastModified === undefined ? {} : { 'if-modified-since': held.lastModified };
    const answer = await send(`${base}/passes/${held.passTypeIdentifier}/${serialNumber}`, {
      headers: { ...headers, ...since },
    });
    expectStatus(answer, [200, 304], 'the pass');
    if (answer.status === 304) return note('unchanged', { serialNumber, durationMs: answer.durationMs });
    const renewed = keep(answer, true);
    if (renewed.serialNumber !== serialNumber) throw new Error('another pass came back');
  }

  async function refreshService(pass: PhonePass): Promise<void> {
    const { base } = serviceOf(pass);
    const list = `${base}/devices/${deviceLibraryIdentifier}/registrations/${pass.passTypeIdentifier}`;
    const tag = tags.get(list);
    const answer = await send(tag === undefined ? list : `${list}?passesUpdatedSince=${encodeURIComponent(tag)}`);
    expectStatus(answer, [200, 204], 'the list of changed passes');
    if (answer.status === 204) return note('listed', { durationMs: answer.durationMs, detail: '0 changed' });
    const { serialNumbers, lastUpdated } = readList(answer.body);
    note('listed', { durationMs: answer.durationMs, detail: `${serialNumbers.length} changed` });
    for (const serialNumber of serialNumbers) await fetchPass(serialNumber);
    // Kept only now: a phone that dies in between asks with the older tag again.
    tags.set(list, lastUpdated);
  }

  async function refresh(): Promise<void> {
    const services = new Map(
      [...passes.values()].map((pass) => [`${serviceOf(pass).base} ${pass.passTypeIdentifier}`, pass]),
    );
    for (const pass of services.values()) await refreshService(pass);
  }

  /** Asks until an answer was good: a service that does not answer is asked again a little later, as phones do. */
  async function wake(): Promise<void> {
    triesLeft = triesMax;
    if (isAwake) return;
    isAwake = true;
    while (triesLeft > 0 && !end.signal.aborted) {
      const before = triesLeft;
      triesLeft = 0;
      await refresh().catch(async (error: unknown) => {
        note('failed', { detail: String(error) });
        await delay(retryMs, undefined, { ref: false });
        triesLeft = Math.max(triesLeft, before - 1);
      });
    }
    isAwake = false;
  }

  async function waitFor(
    serialNumber: string,
    condition: (pass: PhonePass) => boolean,
    timeoutMs: number,
  ): Promise<PhonePass> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const pass = passes.get(serialNumber);
      if (pass !== undefined && condition(pass)) return pass;
      if (performance.now() > deadline) throw new Error(`the phone did not show it within ${timeoutMs} ms`);
      await delay(5);
    }
  }

  return {
    deviceLibraryIdentifier,
    pushToken,
    install,
    remove,
    receivePush: (token) => {
      if (token !== pushToken) return;
      note('push');
      void wake();
    },
    refresh,
    passes: () => [...passes.values()],
    pass: (serialNumber) => passes.get(serialNumber),
    history: () => [...history],
    waitFor,
    close: () => {
      end.abort();
    },
  };
}

function readList(body: Buffer): { serialNumbers: string[]; lastUpdated: string } {
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the list is no object');
  const { serialNumbers, lastUpdated } = { serialNumbers: null, lastUpdated: null, ...parsed };
  // iOS never fetches anything when the tag is a number, so this phone does not either.
  if (typeof lastUpdated !== 'string' || lastUpdated === '') throw new Error('lastUpdated is not a text');
  if (!Array.isArray(serialNumbers)) throw new Error('serialNumbers is not a list');
  return { serialNumbers: (serialNumbers as unknown[]).map(String), lastUpdated };
}
