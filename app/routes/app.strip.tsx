import type { ActionFunctionArgs } from '@remix-run/node';

import type { UploadAnswer } from '#app/components/admin/card/picture-field.tsx';
import { stripProblems, stripRules } from '#app/domain/cards/strip-rules.ts';
import { uploadStripPicture } from '#app/flows/cards/upload-strip-picture.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm } from '#app/web/page-failure.ts';

/** What a form adds around the file. */
const wrappingBytesMax = 16 * 1024;

async function readFile(request: Request): Promise<Buffer> {
  const form = await readForm(request, stripRules.bytesMax + wrappingBytesMax).catch((error: unknown) => {
    if (!(error instanceof InvalidInput) || error.code !== 'form-too-large') throw error;
    const publicMessage = stripProblems['strip-too-heavy'];
    throw new InvalidInput('strip-too-heavy', 'An uploaded picture was too large to read', {
      publicMessage,
      cause: error,
    });
  });
  const file = form.get('strip');
  if (!(file instanceof File)) throw new InvalidInput('bad-form', 'The form lacks the picture');
  return Buffer.from(await file.arrayBuffer());
}

/** Takes a picture for the strip; the design that is published next may name it. */
export async function action({ request }: ActionFunctionArgs): Promise<UploadAnswer> {
  const { shopId, actor } = await authenticateAdmin(request, 'card:write');
  const answer = await forForm(async () => uploadStripPicture({ shopId, content: await readFile(request), actor }));
  return 'hash' in answer ? { hash: answer.hash } : { problem: answer.title };
}
