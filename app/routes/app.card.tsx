import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';

import { CardView } from '#app/components/admin/card-view.tsx';
import { NoProgram } from '#app/components/admin/program-view.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { programPage } from '#app/queries/program-page.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { readDesign } from '#app/web/admin-forms.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { chosenProgram } from '#app/web/chosen-program.ts';
import { forForm } from '#app/web/page-failure.ts';

export async function loader({ request }: LoaderFunctionArgs) {
  const { shopId } = await authenticateAdmin(request);
  const [{ shop }, program] = await Promise.all([shopOverview(shopId), programPage(shopId, chosenProgram(request))]);
  if (program === null) return null;
  return {
    design: program.design ?? starterDesign(shop.name),
    designNumber: program.designNumber,
    document: program.published?.document ?? program.draft,
  };
}

export async function action({ request }: ActionFunctionArgs): Promise<ActionResult> {
  const { shopId, actor } = await authenticateAdmin(request);
  const program = await programPage(shopId, chosenProgram(request));
  if (program === null) throw new Response(null, { status: 404 });
  const reading = readDesign(await request.formData());
  if ('problems' in reading)
    return { tone: 'critical', title: 'Please check the marked fields', problems: reading.problems };
  const { programId } = program;
  return forForm(async () => {
    const { number } = await publishCardDesign({ shopId, programId, design: reading.value, actor });
    const details = ['Cards on phones are redrawn within the next minutes.'];
    return { tone: 'success', title: `Design ${number} is published`, details };
  });
}

export default function CardPage() {
  const data = useLoaderData<typeof loader>();
  const result = useActionData<typeof action>();
  return data === null ? <NoProgram title="Card" /> : <CardView {...data} result={result} />;
}
