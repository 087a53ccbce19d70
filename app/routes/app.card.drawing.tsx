import type { ActionFunctionArgs } from '@remix-run/node';

import type { DrawnAnswer } from '#app/components/admin/card/use-drawn-pictures.ts';
import { drawDesign } from '#app/flows/cards/draw-design.ts';
import { jsonField, readStamps, textField } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forForm, forPage } from '#app/web/page-failure.ts';

const formBytesMax = 200_000;

/** The pictures of a design in the making, for a preview that shows what will be issued. */
export async function action({ request }: ActionFunctionArgs): Promise<DrawnAnswer> {
  const { shopId } = await authenticateAdmin(request, 'card:read');
  const form = await forPage(() => readForm(request, formBytesMax));
  const look = textField(form, 'look', 1_000);
  const answer = await forForm(async () =>
    drawDesign({ shopId, design: jsonField(form, 'design'), stamps: readStamps(form) }),
  );
  if ('tone' in answer) return { look, drawn: null };
  return { look, drawn: { strip: asAddress(answer.strip), hero: asAddress(answer.hero) } };
}

function asAddress(png: Buffer | null): string | null {
  return png === null ? null : `data:image/png;base64,${png.toString('base64')}`;
}
