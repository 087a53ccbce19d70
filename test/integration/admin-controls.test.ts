/** Nobody is offered what they would be refused: every page of the admin, as drawn for every role. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import { allows, type Role, roles } from '#app/domain/access/permissions.ts';
import { announceAgreement, publishAgreement } from '#app/flows/privacy/publish-agreement.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { saveProgramDraft } from '#app/flows/programs/save-program-draft.ts';
import routes from '#app/routes.ts';
import { pageTable, rolesOf } from '#test/support/access-table.ts';
import { type AdminDocument, openDocuments } from '#test/support/admin-documents.ts';
import { letWait, putOnPhone, touch } from '#test/support/cards-on-phones.ts';
import { controlTable } from '#test/support/control-table.ts';
import { type ExtensionRig, startExtensionRig } from '#test/support/extensions.ts';
import { deliver, makeDocument, orderBody, type TestShop } from '#test/support/factories.ts';
import { openStaffedShop, userIds } from '#test/support/staffed-shop.ts';

type RouteEntry = { file: string; path?: string; children?: RouteEntry[] };
type Found = { page: string; role: Role; document: AdminDocument };

const adminPages = (routes as RouteEntry[]).flatMap(({ file, children = [] }) =>
  file === 'routes/app.tsx'
    ? children.map((child) => ({
        page: child.file.replace(/^routes\/|\.tsx$/g, ''),
        path: `/app${child.path === undefined ? '' : `/${child.path}`}`,
      }))
    : [],
);
const elsewhere = '/app/*';

let rig: ExtensionRig;
let shop: TestShop;
let found: Found[];
let nowhere: AdminDocument;

beforeAll(async () => {
  rig = await startExtensionRig();
  const staffed = await openStaffedShop(rig);
  ({ shop } = staffed);
  await waitEverywhere();
  const open = await openDocuments(
    import.meta.glob<object>(['../../app/root.tsx', '../../app/entry.server.tsx', '../../app/routes/*.tsx']),
  );
  const anybody = await rig.shopify.mintSessionToken(shop.domain, { subject: userIds.viewer });
  nowhere = await open(`/app/rewards/old%20page?shop=${shop.domain}&host=x`, anybody);
  found = [];
  for (const role of roles) {
    const token = await rig.shopify.mintSessionToken(shop.domain, { subject: userIds[role] });
    for (const { page, path } of adminPages) {
      if (path === elsewhere || !rolesOf(pageTable[page]?.loader ?? '').has(role)) continue;
      const address = path.replaceAll(/:(\w+)\??/g, (_, name: string) => staffed.params[name] ?? '');
      found.push({ page, role, document: await open(`${address}?shop=${shop.domain}&host=x`, token) });
    }
  }
}, 300_000);
afterAll(() => rig.close());

/** Something to press on pages that are quiet otherwise. */
async function waitEverywhere(): Promise<void> {
  await saveProgramDraft({ ...shop, document: makeDocument({ name: 'Second' }), actor: 'test' });
  await publishProgram({ ...shop, actor: 'test' });
  await publishAgreement('[]');
  await announceAgreement(shop);
  const card = await putOnPhone(rig.system, shop);
  await touch(card);
  await letWait(rig.system, card, 600);
  await deliver(shop, 'orders/create', orderBody());
  await rig.system.sql(`update inbox set state = 'parked', problem = 'test'`);
}

const lineOf = (page: string, name: string) =>
  Object.entries(controlTable[page] ?? {}).find(([known]) =>
    known.endsWith('…') ? name.startsWith(known.slice(0, -1)) : name === known,
  );

it('L03 draws every page for every role that may look at it', () => {
  expect(found.filter(({ document }) => document.status !== 200).map(({ page, role }) => [page, role])).toEqual([]);
  expect(found.length).toBeGreaterThan(100);
});

it('L03 offers nobody a button that they would be refused, and knows of every button what it takes', () => {
  const wrong = found.flatMap(({ page, role, document }) =>
    document.controls
      .filter(({ isEnabled }) => isEnabled)
      .flatMap(({ name }) => {
        const needs = lineOf(page, name)?.[1];
        const may = needs === 'everybody' || (needs !== undefined && allows(role, needs));
        return may ? [] : [{ page, role, name, needs }];
      }),
  );
  expect(wrong).toEqual([]);
});

it('L03 offers every button of the table to somebody', () => {
  const unseen = Object.entries(controlTable).flatMap(([page, lines]) =>
    Object.keys(lines)
      .filter(
        (known) =>
          !found.some(
            (each) =>
              each.page === page && each.document.controls.some(({ name }) => lineOf(page, name)?.[0] === known),
          ),
      )
      .map((known) => `${page}: ${known}`),
  );
  expect(unseen).toEqual([]);
});

it('L03 links nobody to a page that would not open for them', () => {
  const pageAt = (href: string) => {
    const { pathname } = new URL(href, 'https://stampwell.test');
    const isAt = (path: string) =>
      new RegExp(`^${path.replaceAll(/\/:\w+\?/g, '(/[^/]+)?').replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname);
    return adminPages.find(({ path }) => path === pathname) ?? adminPages.find(({ path }) => isAt(path));
  };
  const wrong = found.flatMap(({ page, role, document }) =>
    document.links
      .filter((href) => !rolesOf(pageTable[pageAt(href)?.page ?? '']?.loader ?? '').has(role))
      .map((href) => ({ page, role, href: href.split('?')[0] })),
  );
  expect(wrong).toEqual([]);
});

it('says in the admin itself that there is no page at an address, with the menu and a way back', () => {
  expect(nowhere.status).toBe(404);
  expect(nowhere.text).toContain('There is no such page');
  expect(nowhere.text).not.toContain('ask the shop');
  expect(nowhere.links.map((href) => href.split('?')[0])).toEqual(expect.arrayContaining(['/app', '/app/program']));
});

it('L03 says why: a page that can only be looked at names the role and whom to ask', () => {
  const textOf = (page: string, role: Role) =>
    found.find((each) => each.page === page && each.role === role)?.document.text;
  expect(textOf('app.program', 'viewer')).toContain(
    'Your role, Viewer, can look at this page but not change it. Ask an owner.',
  );
  expect(textOf('app.retention', 'auditor')).toContain('Your role, Auditor, can look at this page');
  expect(textOf('app.program', 'owner')).not.toContain('Your role');
});
