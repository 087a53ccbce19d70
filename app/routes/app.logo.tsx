import type { ActionFunctionArgs } from '@remix-run/node';

import type { UploadAnswer } from '#app/components/admin/card/picture-field.tsx';
import { logoProblems, logoRules } from '#app/domain/cards/logo-rules.ts';
import { fetchLogo } from '#app/flows/cards/fetch-logo.ts';
import { uploadLogo } from '#app/flows/cards/upload-logo.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { guardedFetch } from '#app/lib/guarded-fetch.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

/** What a form adds around the file. */
const wrappingBytesMax = 16 * 1024;

async function readUpload(request: Request): Promise<FormData> {
  return readForm(request, logoRules.bytesMax + wrappingBytesMax).catch((error: unknown) => {
    if (!(error instanceof InvalidInput) || error.code !== 'form-too-large') throw error;
    const publicMessage = logoProblems['logo-too-heavy'];
    throw new InvalidInput('logo-too-heavy', 'An uploaded logo was too large to read', { publicMessage, cause: error });
  });
}

type Owner = { shopId: ShopId; actor: string };

async function takeLogo(form: FormData, owner: Owner): Promise<{ hash: string }> {
  const [file, url] = [form.get('logo'), form.get('url')];
  if (typeof url === 'string') return fetchLogo({ ...owner, url: url.trim(), fetch: guardedFetch });
  if (!(file instanceof File)) throw new InvalidInput('bad-form', 'The form lacks the logo');
  return uploadLogo({ ...owner, content: Buffer.from(await file.arrayBuffer()) });
}

/** Takes a logo, or fetches one from the web; the design that is published next may name it. */
export async function action({ request }: ActionFunctionArgs): Promise<UploadAnswer> {
  const { shopId, actor } = await authenticateAdmin(request, 'card:write');
  const answer = await forForm(async () => takeLogo(await readUpload(request), { shopId, actor }));
  return 'hash' in answer ? { hash: answer.hash } : { problem: answer.title };
}
