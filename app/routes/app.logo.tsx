import type { ActionFunctionArgs } from '@remix-run/node';

import type { LogoAnswer } from '#app/components/admin/logo-field.tsx';
import { logoProblems, logoRules } from '#app/domain/cards/logo-rules.ts';
import { uploadLogo } from '#app/flows/cards/upload-logo.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

/** What a form adds around the file. */
const wrappingBytesMax = 16 * 1024;

async function readFile(request: Request): Promise<Buffer> {
  const form = await readForm(request, logoRules.bytesMax + wrappingBytesMax).catch((error: unknown) => {
    if (!(error instanceof InvalidInput) || error.code !== 'form-too-large') throw error;
    const publicMessage = logoProblems['logo-too-heavy'];
    throw new InvalidInput('logo-too-heavy', 'An uploaded logo was too large to read', { publicMessage, cause: error });
  });
  const file = form.get('logo');
  if (!(file instanceof File)) throw new InvalidInput('bad-form', 'The form lacks the logo');
  return Buffer.from(await file.arrayBuffer());
}

/** Takes a logo; the design that is published next may name it. */
export async function action({ request }: ActionFunctionArgs): Promise<LogoAnswer> {
  const { shopId, actor } = await authenticateAdmin(request);
  const answer = await forForm(async () => uploadLogo({ shopId, content: await readFile(request), actor }));
  return 'hash' in answer ? { hash: answer.hash } : { problem: answer.title };
}
