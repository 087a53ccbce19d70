/** Pages of the admin as the server draws them for a person, in this process: the route table and the real route modules. */
import { createRequestHandler, type ServerBuild } from '@remix-run/node';
import { JSDOM } from 'jsdom';

import routes from '#app/routes.ts';

type RouteEntry = { file: string; path?: string; index?: boolean; children?: RouteEntry[] };
type Modules = Record<string, () => Promise<object>>;

/** What stands on a page to be pressed; a control inside fields that are greyed out is greyed out with them. */
export type Control = { name: string; isEnabled: boolean };
export type AdminDocument = { status: number; controls: Control[]; links: string[]; text: string };

const idOf = ({ file }: RouteEntry) => file.replace(/\.tsx$/, '');

async function buildOf(modules: Modules): Promise<ServerBuild> {
  const built: Record<string, unknown> = {};
  const shown: Record<string, unknown> = {};
  const add = async (entry: RouteEntry, parentId: string | undefined) => {
    const id = idOf(entry);
    const load = modules[`../../app/${entry.file}`];
    if (load === undefined) throw new Error(`there is no ${entry.file}`);
    const module = await load();
    const place = { id, parentId, path: entry.path, index: entry.index };
    built[id] = { ...place, module };
    shown[id] = {
      ...place,
      module: `/${id}.js`,
      hasLoader: 'loader' in module,
      hasAction: 'action' in module,
      hasErrorBoundary: 'ErrorBoundary' in module,
    };
    for (const child of entry.children ?? []) await add(child, id);
  };
  await add({ file: 'root.tsx', path: '' }, undefined);
  for (const entry of routes as RouteEntry[]) await add(entry, 'root');
  const entryModule = await modules['../../app/entry.server.tsx']?.();
  return {
    entry: { module: entryModule },
    routes: built,
    assets: { entry: { imports: [], module: '/entry.js' }, routes: shown, url: '/manifest.js', version: '1' },
    publicPath: '/',
    assetsBuildDirectory: 'build/client',
    future: {
      v3_fetcherPersist: true,
      v3_relativeSplatPath: true,
      v3_throwAbortReason: true,
      v3_singleFetch: true,
      v3_lazyRouteDiscovery: false,
    },
    isSpaMode: false,
    mode: 'test',
  } as unknown as ServerBuild;
}

function read(html: string): Pick<AdminDocument, 'controls' | 'links' | 'text'> {
  const { document } = new JSDOM(html).window;
  const nameOf = (element: Element) =>
    (element.getAttribute('aria-label') ?? element.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
  const isEnabled = (element: Element) =>
    !element.hasAttribute('disabled') &&
    element.getAttribute('aria-disabled') !== 'true' &&
    element.closest('fieldset[disabled]') === null;
  return {
    controls: [...document.querySelectorAll('button, input[type=submit]')]
      .filter((element) => element.getAttribute('role') !== 'tab')
      .map((element) => ({ name: nameOf(element), isEnabled: isEnabled(element) })),
    links: [...document.querySelectorAll('a[href^="/app"]')].map((element) => element.getAttribute('href') ?? ''),
    text: document.body.textContent ?? '',
  };
}

/** Opens pages with a session token. `modules` are the files of `app/root`, `app/entry.server` and the routes, by glob. */
export async function openDocuments(
  modules: Modules,
): Promise<(path: string, token: string) => Promise<AdminDocument>> {
  const answer = createRequestHandler(await buildOf(modules), 'test');
  return async (path, token) => {
    const url = `https://stampwell.test${path}${path.includes('?') ? '&' : '?'}id_token=${token}`;
    const response = await answer(new Request(url), { clientAddress: '' });
    return { status: response.status, ...read(await response.text()) };
  };
}
