import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react';

import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { RefusedLink } from '#app/components/shopper/refused-link.tsx';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { endMails } from '#app/flows/privacy/end-mails.ts';
import { mailLinkPage } from '#app/queries/mail-link-page.ts';
import { linkHeaders, readersLanguage, refuseInLanguage } from '#app/web/refused-link.ts';

export async function loader({ request, params }: LoaderFunctionArgs) {
  const token = params['token'] ?? '';
  const { locale } = await refuseInLanguage(readersLanguage(request), () => mailLinkPage(token, 'unsubscribe'));
  return { language: languageOfTag(locale) ?? ('en' as const), action: `/unsubscribe/${token}` };
}

/** Also what a mail program sends by itself after one click there (RFC 8058): what the form says does not matter. */
export async function action({ request, params }: ActionFunctionArgs) {
  await refuseInLanguage(readersLanguage(request), () => endMails({ token: params['token'] ?? '' }));
  return { isDone: true };
}

export const headers = linkHeaders;

export default function UnsubscribeRoute() {
  const { language, action: target } = useLoaderData<typeof loader>();
  const phrases = preferencePhrases[language];
  if (useActionData<typeof action>()?.isDone === true)
    return <MessagePage title={phrases.unsubscribedTitle} text={phrases.unsubscribed} />;
  return (
    <MessagePage title={phrases.unsubscribeTitle} text={phrases.unsubscribeLead}>
      <form method="post" action={target}>
        <button type="submit">{phrases.unsubscribeYes}</button>
      </form>
    </MessagePage>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <RefusedLink thrown={isRouteErrorResponse(error) ? error : null} />;
}
