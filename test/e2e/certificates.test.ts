/** A certificate of the shop's own, from a request made in the admin to the pass on a phone. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ensureCertificates } from '#test/platform/certificates.ts';
import { dataDirectory } from '#test/platform/data-directory.ts';
import { call } from '#test/platform/http.ts';
import { joinProgram } from '#test/platform/shopper.ts';
import { accessibilityProblems, overflowPixels } from '#test/support/accessibility.ts';
import type { Admin } from '#test/support/admin-browser.ts';
import { type AppleAuthority, startAppleAuthority } from '#test/support/apple-authority.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';
import { openShop } from '#test/support/shop-floor.ts';
import type { OpenShop } from '#test/support/shop-floor.ts';

let apple: AppleAuthority;
let folder: string;
let shop: OpenShop;

const stage = setStage(async () => {
  apple = await startAppleAuthority();
  folder = await mkdtemp(path.join(tmpdir(), 'stampwell-trust-'));
  const trusted = path.join(folder, 'wwdr.pem');
  const { wwdr } = await ensureCertificates(path.join(dataDirectory(), 'certificates'));
  await writeFile(trusted, `${await readFile(wwdr, 'utf8')}\n${apple.wwdrPem}`);
  return { stage: 'test', environment: { APPLE_WWDR_CERTIFICATE_FILE: trusted } };
});
beforeAll(async () => {
  shop = await openShop(stage.system, 'certificate-shop.myshopify.com');
});

afterAll(async () => {
  await apple?.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (width?: number) =>
  stage.openAdmin(shop.shopDomain, { path: '/app/certificates', ...(width && { width }) });
const upload = async ({ frame }: Admin, name: string, buffer: Buffer) => {
  await frame.getByLabel('Certificate', { exact: true }).setInputFiles({ name, mimeType: 'application/octet-stream', buffer }); // prettier-ignore
  await frame.getByRole('button', { name: 'Check and add' }).first().click();
};
const picture = async ({ page }: Admin, name: string) => {
  const wanted = process.env['SCREENSHOTS'];
  if (wanted) await page.screenshot({ path: path.join(wanted, `${name}.png`) });
};

describe('the Certificates page', () => {
  it('says beside the field what is wrong with an upload, on a small screen too', async () => {
    for (const width of [1280, 390]) {
      const admin = await open(width);
      await upload(admin, 'card.p12', Buffer.from('hello'));
      await admin.frame.getByRole('alert').filter({ hasText: 'not a certificate we can read' }).first().waitFor();
      expect(await admin.frame.getByLabel('Certificate', { exact: true }).getAttribute('aria-invalid')).toBe('true');
      expect(await accessibilityProblems(admin.frame)).toEqual([]);
      expect(await overflowPixels(admin.frame)).toBe(0);
      await picture(admin, `certificates-${width}`);
      expect(admin.errors).toEqual([]);
    }
  });

  it('leads from a request to new cards under the own certificate', async () => {
    const admin = await open();
    const { frame } = admin;
    await frame.getByRole('button', { name: /^Make a request/ }).click();
    const link = await frame.getByRole('link', { name: 'Download the request' }).getAttribute('href');
    const request = decodeURIComponent(String(link).replace('data:application/pkcs10,', ''));
    const issued = await apple.issue({ passTypeIdentifier: 'pass.com.example.cafe', request });
    await upload(admin, 'pass.cer', Buffer.from(issued.certificatePem));
    await frame.getByRole('heading', { name: 'pass.com.example.cafe', exact: true }).waitFor();
    await picture(admin, 'certificates-staged');
    await frame.getByRole('button', { name: 'Use for new cards: pass.com.example.cafe' }).click();
    await frame.getByRole('dialog').getByRole('button', { name: 'Use for new cards' }).click();
    await frame.getByRole('button', { name: 'Use for new cards: the platform' }).waitFor();
    expect(await accessibilityProblems(frame)).toEqual([]);
    await picture(admin, 'certificates-active');
    const { cardUrl } = await joinProgram({
      appUrl: stage.system.addresses.app,
      programSlug: shop.programSlug,
      email: 'own-certificate@example.com',
    });
    const pass = await call({ url: `${cardUrl}/apple.pkpass` });
    const { signer } = await conformantPass(pass.body, apple.wwdrPem);
    expect(signer.passTypeIdentifier).toBe('pass.com.example.cafe');
    expect(admin.errors).toEqual([]);
    await admin.page.close();
  });
});
