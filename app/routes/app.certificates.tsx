import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';

import { CertificatesView } from '#app/components/admin/certificates/certificates-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { addAppleCertificate } from '#app/flows/certificates/add-apple-certificate.ts';
import { addGoogleIssuer } from '#app/flows/certificates/add-google-issuer.ts';
import { changeGoogleAccess } from '#app/flows/certificates/change-google-access.ts';
import { dropCertificateRequest } from '#app/flows/certificates/drop-certificate-request.ts';
import { removeAppleCertificate } from '#app/flows/certificates/remove-apple-certificate.ts';
import { removeGoogleIssuer } from '#app/flows/certificates/remove-google-issuer.ts';
import { requestCertificate } from '#app/flows/certificates/request-certificate.ts';
import { chooseAppleCertificate } from '#app/flows/certificates/choose-apple-certificate.ts';
import { chooseGoogleIssuer } from '#app/flows/certificates/choose-google-issuer.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { certificatesPage } from '#app/queries/certificates-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

/** Two files of 64 KB, and what a form adds around them. */
const formBytesMax = 256 * 1024;

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request, 'keys:read');
  const [page, { shop }] = await Promise.all([certificatesPage(shopId), shopOverview(shopId)]);
  return { ...page, timeZone: shop.timeZone };
}

type Caller = { shopId: ShopId; actor: string };

/** Said in passing: the lists show it. */
const success = (title: string): ActionResult => ({ tone: 'success', title, isQuiet: true });

const intents: Record<string, (caller: Caller, form: FormData) => Promise<ActionResult>> = {
  request: async (caller) => {
    await requestCertificate(caller);
    return success('The request is made. Download it and upload it at Apple');
  },
  'drop-request': async (caller, form) => {
    await dropCertificateRequest({ ...caller, requestId: textField(form, 'requestId', 64) });
    return success('The request is removed');
  },
  add: async (caller, form) => {
    const certificate = await fileOf(form, 'certificate');
    if (certificate === null) return missing('certificate', 'Choose the file of the certificate.');
    const key = await fileOf(form, 'key');
    const added = await addAppleCertificate({ ...caller, files: { certificate, key, password: passwordOf(form) } });
    const title = added.isRenewal
      ? `A newer certificate of ${added.passTypeIdentifier} waits to be used`
      : `${added.passTypeIdentifier} waits to be used`;
    if (added.isRevocationKnown) return success(title);
    return { tone: 'warning', title, details: ['Apple did not say whether it was revoked. We ask again every day.'] };
  },
  use: async (caller, form) => {
    const outcome = await chooseAppleCertificate({ ...caller, issuerId: textField(form, 'issuerId', 64) });
    return success(outcome === 'renewed' ? 'The certificate is renewed' : 'New cards use it from now on');
  },
  remove: async (caller, form) => {
    await removeAppleCertificate({ ...caller, issuerId: textField(form, 'issuerId', 64) });
    return success('The certificate is removed');
  },
  'add-google': async (caller, form) => {
    const file = await fileOf(form, 'account');
    if (file === null) return missing('account', 'Choose the file of the service account.');
    const { isNew } = await addGoogleIssuer({ ...caller, file, issuerId: textField(form, 'issuerId', 32) });
    return success(isNew ? 'The issuer waits to be used' : 'The key of this issuer is exchanged');
  },
  access: async (caller, form) => {
    const access = textField(form, 'access', 16);
    if (access !== 'demo' && access !== 'requested' && access !== 'live')
      throw new InvalidInput('bad-form', 'The form names no access');
    await changeGoogleAccess({ ...caller, id: textField(form, 'id', 64), access });
    return success('Noted');
  },
  'use-google': async (caller, form) => {
    await chooseGoogleIssuer({ ...caller, id: textField(form, 'id', 64) });
    return success('New cards use it from now on');
  },
  'remove-google': async (caller, form) => {
    await removeGoogleIssuer({ ...caller, id: textField(form, 'id', 64) });
    return success('The issuer is removed');
  },
};

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const caller = await authenticateAdmin(request, 'keys:write');
  return forForm(async () => {
    const form = await readForm(request, formBytesMax).catch((error: unknown) => {
      if (!(error instanceof InvalidInput) || error.code !== 'form-too-large') throw error;
      throw new InvalidInput('form-too-large', error.message, {
        publicMessage: 'These files are too large. Each has less than 64 KB.',
      });
    });
    const intent = intents[textField(form, 'intent', 32)];
    if (intent === undefined) throw new InvalidInput('bad-form', 'The form asks for nothing we know');
    return intent({ shopId: caller.shopId, actor: caller.actor }, form).catch(byField);
  });
}

/** Words for single fields stand beside them; anything else is said above the form. */
function byField(error: unknown): ActionResult {
  if (!(error instanceof InvalidInput) || error.issues === undefined) throw error;
  const problems: Record<string, string> = {};
  for (const { path, message } of error.issues)
    problems[path] = [problems[path], message].filter((part) => part !== undefined).join(' ');
  return { tone: 'critical', title: 'This cannot be used yet', details: Object.values(problems), problems };
}

function missing(field: string, message: string): ActionResult {
  return { tone: 'critical', title: message, problems: { [field]: message } };
}

/** A file field without a file is sent as an empty one. */
async function fileOf(form: FormData, name: string): Promise<Buffer | null> {
  const file = form.get(name);
  return file instanceof File && file.size > 0 ? Buffer.from(await file.arrayBuffer()) : null;
}

/** As it was typed: blanks belong to it. */
function passwordOf(form: FormData): string {
  const value = form.get('password');
  return typeof value === 'string' ? value : '';
}

export default function CertificatesPage() {
  return <CertificatesView {...useLoaderData<typeof loader>()} />;
}
