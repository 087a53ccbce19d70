import { redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react';

import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { RefusedLink } from '#app/components/shopper/refused-link.tsx';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { confirmAddress } from '#app/flows/privacy/confirm-address.ts';
import { mailLinkPage } from '#app/queries/mail-link-page.ts';
import { readForm } from '#app/web/limited-form.ts';
import { linkHeaders, readersLanguage, refuseInLanguage } from '#app/web/refused-link.ts';

const formBytesMax = 1024;

/** Opening the link asks only: programs that look into mails open links, and must not confirm anything. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const token = params['token'] ?? '';
  const page = await refuseInLanguage(readersLanguage(request), () => mailLinkPage(token, 'confirm'));
  return { ...page, language: languageOfTag(page.locale) ?? ('en' as const), action: `/confirm/${token}` };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const outcome = await refuseInLanguage(readersLanguage(request), async () => {
    const form = await readForm(request, formBytesMax);
    return confirmAddress({ token: params['token'] ?? '', isTheirs: form.get('answer') === 'yes' });
  });
  if (outcome.kind === 'confirmed') throw redirect(new URL(outcome.cardUrl).pathname, { status: 303 });
  return { kind: outcome.kind };
}

export const headers = linkHeaders;

export default function ConfirmRoute() {
  const { language, organization, agreed, isOver, action: target } = useLoaderData<typeof loader>();
  const answered = useActionData<typeof action>();
  const phrases = preferencePhrases[language];
  if (answered?.kind === 'denied') return <MessagePage title={phrases.deniedTitle} text={phrases.denied} />;
  if (answered?.kind === 'over' || isOver) return <MessagePage title={phrases.overTitle} text={phrases.over} />;
  return (
    <MessagePage title={phrases.confirmTitle} text={phrases.confirmLead(organization)}>
      {agreed === null ? null : <p className="notice">{agreed}</p>}
      <form method="post" action={target}>
        <button type="submit" name="answer" value="yes">
          {phrases.confirmYes}
        </button>
        <button type="submit" name="answer" value="no" className="quiet">
          {phrases.confirmNo}
        </button>
      </form>
    </MessagePage>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <RefusedLink thrown={isRouteErrorResponse(error) ? error : null} />;
}
