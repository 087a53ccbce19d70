/** Every page, action and route against every role: exactly what the table says, and nothing without a line in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { apiOperations } from '#app/contracts/api-operations.ts';
import { allows, permissions, type Role, roles } from '#app/domain/access/permissions.ts';
import { posRoutes } from '#app/edge/pos-routes.ts';
import { storefrontRoutes } from '#app/edge/storefront-routes.ts';
import routes from '#app/routes.ts';
import { call } from '#test/platform/http.ts';
import { openPages, pageTable, rolesOf, tillTable } from '#test/support/access-table.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { type ExtensionRig, startExtensionRig } from '#test/support/extensions.ts';
import type { TestShop } from '#test/support/factories.ts';
import { openStaffedShop, userIds } from '#test/support/staffed-shop.ts';

type Asked = { request: Request; params: Record<string, string>; context: Record<string, unknown> };
type PageModule = { loader?: (asked: Asked) => Promise<unknown>; action?: (asked: Asked) => Promise<unknown> };

const modules = import.meta.glob<PageModule>('../../app/routes/*.tsx');
type RouteEntry = { file: string; path?: string; children?: RouteEntry[] };
const flat = (entries: RouteEntry[]): RouteEntry[] =>
  entries.flatMap((entry) => [entry, ...flat(entry.children ?? [])]);
const nameOf = ({ file }: RouteEntry) => file.replace(/^routes\//, '').replace(/\.tsx$/, '');
const pages = flat(routes as RouteEntry[]).map(nameOf);

let rig: ExtensionRig;
let edge: Edge;
let shop: TestShop;
let params: Record<string, string>;

beforeAll(async () => {
  rig = await startExtensionRig();
  edge = await startEdge();
  ({ shop, params } = await openStaffedShop(rig));
});
afterAll(async () => {
  await edge.close();
  await rig.close();
});

const tokenOf = (role: Role) => rig.shopify.mintSessionToken(shop.domain, { subject: userIds[role] });

async function statusOf(page: string, kind: 'loader' | 'action', token: string | null, form?: Record<string, string>) {
  const module = await modules[`../../app/routes/${page}.tsx`]?.();
  const handler = module?.[kind];
  if (handler === undefined) throw new Error(`${page} has no ${kind}`);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const request = new Request(`https://stampwell.test/${page}.data?shop=${shop.domain}&host=x`, {
    headers,
    ...(kind === 'action' && { method: 'POST', body: new URLSearchParams(form ?? {}) }),
  });
  try {
    const answer = await handler({ request, params, context: { clientAddress: '' } });
    if (!(answer instanceof Response)) return 200;
    await answer.body?.cancel();
    return answer.status;
  } catch (thrown) {
    if (thrown instanceof Response) return thrown.status;
    throw thrown;
  }
}

/** Per role: whether it got in. Anything but in or 403 is told as it is. */
async function outcomes(ask: (role: Role) => Promise<number>): Promise<Record<Role, string>> {
  const found: Partial<Record<Role, string>> = {};
  for (const role of roles) {
    const status = await ask(role);
    found[role] = status === 403 ? 'refused' : status < 300 ? 'in' : String(status);
  }
  return found as Record<Role, string>;
}

const expected = (line: string) =>
  Object.fromEntries(roles.map((role) => [role, rolesOf(line).has(role) ? 'in' : 'refused']));

describe('the table', () => {
  it('L03 has a line for every page there is, and for no other', () => {
    expect([...Object.keys(pageTable), ...openPages].toSorted()).toEqual(pages.toSorted());
  });

  it('L03 has a line for every loader and action of the admin', async () => {
    for (const [page, line] of Object.entries(pageTable)) {
      const module = await modules[`../../app/routes/${page}.tsx`]?.();
      const has = { loader: module?.loader !== undefined, action: module?.action !== undefined };
      expect({ page, ...has }).toEqual({ page, loader: line.loader !== undefined, action: line.actions !== undefined });
    }
  });

  it('L03 has a line for every route of the till', () => {
    expect(posRoutes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      Object.keys(tillTable).toSorted(),
    );
  });

  it('C06 L03 gives every role what it needs to open the app, the owner everything, and an auditor nothing to change', () => {
    for (const role of roles) expect(allows(role, 'home:read')).toBe(true);
    expect(permissions.filter((permission) => !allows('owner', permission))).toEqual([]);
    const changing = permissions.filter(
      (permission) => !permission.endsWith(':read') && permission !== 'exports:create',
    );
    expect(changing.filter((permission) => allows('auditor', permission))).toEqual([]);
    expect(allows('nobody' as Role, 'home:read')).toBe(false);
  });
});

describe('L03 every page answers exactly the roles of its line', () => {
  it.each(Object.entries(pageTable).filter(([, line]) => line.loader !== undefined))(
    'reading %s',
    async (page, line) => {
      const found = await outcomes(async (role) => statusOf(page, 'loader', await tokenOf(role)));
      expect(found).toEqual(expected(line.loader ?? ''));
    },
  );

  const actions = Object.entries(pageTable).flatMap(([page, { actions: lines = [] }]) =>
    lines.map((line) => [page, line.form['intent'] ?? 'its form', line] as const),
  );
  it.each(actions)('changing %s by %s', async (page, _intent, line) => {
    const found = await outcomes(async (role) => {
      const status = await statusOf(page, 'action', await tokenOf(role), line.form);
      return line.isMissing === true && status === 404 ? 200 : status;
    });
    expect(found).toEqual(expected(line.roles));
  });
});

describe('K02 no page of the admin opens', () => {
  const reached = Object.entries(pageTable).flatMap(([page, { loader, actions }]) => [
    ...(loader === undefined ? [] : [[page, 'loader'] as const]),
    ...(actions === undefined ? [] : [[page, 'action'] as const]),
  ]);
  it.each(reached)('%s (%s) without a token, with an expired, a forged or a shopper’s', async (page, kind) => {
    const tokens = [
      null,
      await rig.shopify.mintSessionToken(shop.domain, { subject: '1', lifetimeS: -60 }),
      await rig.shopify.mintSessionToken(shop.domain, { subject: '1', secret: 'forged-secret' }),
      await rig.shopify.mintSessionToken(shop.domain, { subject: 'gid://shopify/Customer/1' }),
    ];
    for (const token of tokens) expect([302, 401]).toContain(await statusOf(page, kind, token, {}));
  });
});

it('L03 nothing of the admin or the till answers a person who was locked out or whose time is over', async () => {
  await rig.system.sql(
    `insert into shop_staff (shop_id, id, user_id, role, number, added_by, created_at, is_locked, expires_at) values
       ($1, gen_random_uuid(), '91', 'manager', 91, 'test', now(), true, null),
       ($1, gen_random_uuid(), '92', 'manager', 92, 'test', now(), false, now() - interval '1 minute')`,
    [shop.shopId],
  );
  for (const subject of ['91', '92']) {
    const token = await rig.shopify.mintSessionToken(shop.domain, { subject });
    for (const [page, { loader, actions = [] }] of Object.entries(pageTable)) {
      if (loader !== undefined) expect([page, await statusOf(page, 'loader', token)]).toEqual([page, 403]);
      for (const { form } of actions.slice(0, 1))
        expect([page, form, await statusOf(page, 'action', token, form)]).toEqual([page, form, 403]);
    }
    for (const [route, { body, query }] of Object.entries(tillTable)) {
      const path = `${route.split(' ')[1] ?? ''}${query ?? ''}`;
      expect((await rig.ask(shop, path, { token, ...(body && { body }) })).status).toBe(403);
    }
  }
});

describe('L03 the till', () => {
  it.each(Object.entries(tillTable))(
    'answers %s exactly the roles of its line',
    async (route, { body, query, roles: line }) => {
      const path = `${route.split(' ')[1] ?? ''}${query ?? ''}`;
      const found = await outcomes(async (role) => {
        const answer = await rig.ask(shop, path, { overrides: { subject: userIds[role] }, ...(body && { body }) });
        // Nobody has this card, which is said to those alone who may ask.
        return answer.status === 404 ? 200 : answer.status;
      });
      expect(found).toEqual(expected(line));
    },
  );
});

it('L03 no role in the admin opens or closes anything for shoppers in the checkout', async () => {
  for (const { method, path } of storefrontRoutes) {
    const statuses = new Set<number>();
    for (const role of roles) {
      const overrides = { subject: userIds[role] };
      statuses.add((await rig.ask(shop, path, { overrides, ...(method === 'POST' && { body: {} }) })).status);
    }
    expect({ path, statuses: statuses.size, refused: statuses.has(403) }).toEqual({
      path,
      statuses: 1,
      refused: false,
    });
  }
});

it('L03 no session token of any role opens an operation of the API', async () => {
  expect(apiOperations.length).toBeGreaterThan(10);
  for (const { method, path } of apiOperations) {
    const url = `${edge.url}${path.replaceAll(/\{[^}]+\}/g, '0b0b7a52-7f0c-7e6b-8f7e-5a1c1a8f3f11')}`;
    for (const role of roles) {
      const headers = { authorization: `Bearer ${await tokenOf(role)}`, 'idempotency-key': 'x' };
      const answer = await call({ url, method, headers, ...(method !== 'GET' && { body: '{}' }) });
      expect({ path, role, status: answer.status }).toEqual({ path, role, status: 401 });
    }
  }
});
