import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { isRouteErrorResponse, useLoaderData, useRouteError } from '@remix-run/react';

import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { PreferencesView } from '#app/components/shopper/preferences/preferences-view.tsx';
import { type SaidCode, saidCodes } from '#app/components/shopper/preferences/shapes.ts';
import { RefusedLink } from '#app/components/shopper/refused-link.tsx';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { needsCode, preferencePage, preferencesOwner } from '#app/queries/preference-page.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forPage } from '#app/web/page-failure.ts';
import { answerPreferences } from '#app/web/preference-forms.ts';
import { linkHeaders, readersLanguage, refuseInLanguage } from '#app/web/refused-link.ts';
import { countPreferences } from '#app/web/sign-up-limits.ts';

const formBytesMax = 8 * 1024;
/** Where an erasure leads: the link itself opens nothing any more. */
const goneToken = 'erased';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const token = params['token'] ?? '';
  const query = new URL(request.url).searchParams;
  if (token === goneToken) return { language: languageOfTag(query.get('lang') ?? '') ?? ('en' as const), page: null };
  const owner = await refuseInLanguage(readersLanguage(request), () => preferencesOwner(token));
  const { openCode, design: _, ...shown } = await forPage(() => preferencePage(owner));
  const said = readSaid(query.get('said'));
  const grant = query.get('grant');
  const mayDownload = said === 'may-download' && (grant !== null || !(await needsCode(owner)));
  const address = (format: string) =>
    `/preferences/${token}/data?${new URLSearchParams({ format, ...(grant === null ? {} : { grant }) }).toString()}`;
  const page = {
    ...shown,
    action: `/preferences/${token}`,
    isCodeOpen: openCode !== null && said !== 'may-download',
    said,
    downloads: mayDownload ? { json: address('json'), csv: address('csv') } : null,
  };
  return { language: page.language, page };
}

function readSaid(text: string | null): SaidCode | null {
  return saidCodes.find((code) => code === text) ?? null;
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const token = params['token'] ?? '';
  const owner = await refuseInLanguage(readersLanguage(request), () => preferencesOwner(token));
  const { language } = await forPage(() => preferencePage(owner));
  const form = await refuseInLanguage(language, () => readForm(request, formBytesMax));
  const { said, grant } = await refuseInLanguage(language, async () => {
    await countPreferences({ address: context.clientAddress, memberId: owner.memberId });
    return answerPreferences({ owner, form, language });
  });
  if (said === 'erasing') throw redirect(`/preferences/${goneToken}?lang=${language}`, { status: 303 });
  const query = new URLSearchParams({
    ...(said !== null && { said }),
    ...(grant !== undefined && { grant }),
  }).toString();
  // Sent on, so that reloading the page does not send the form again.
  throw redirect(`/preferences/${token}${query === '' ? '' : `?${query}`}`, { status: 303 });
}

export const headers = linkHeaders;

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  data?.page == null
    ? [{ title: 'Stampwell' }]
    : [{ title: preferencePhrases[data.page.language].title(data.page.content.organizationName) }];

export default function PreferencesRoute() {
  const { page, language } = useLoaderData<typeof loader>();
  if (page === null) {
    const phrases = preferencePhrases[language];
    return <MessagePage title={phrases.erase} text={phrases.said.erasing} />;
  }
  return <PreferencesView {...page} />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <RefusedLink thrown={isRouteErrorResponse(error) ? error : null} />;
}
