/** A merchant opening the app in the admin, without drawing it. */
import { embeddedAppUrl } from '#test/platform/admin-shell.ts';
import { call } from '#test/platform/http.ts';
import type { Answer } from '#test/platform/http.ts';
import type { System } from '#test/platform/system.ts';

// Shopify's libraries turn away what looks like a robot.
const browser =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** Opens a page of the embedded app with a fresh session token, which also installs the shop when it is new. */
export async function openAdmin(system: System, domain: string, path = '/app'): Promise<Answer> {
  const url = await embeddedAppUrl(system.shopify, system.addresses.app, { domain, path });
  return call({ url, headers: { 'user-agent': browser, accept: 'text/html' } });
}
