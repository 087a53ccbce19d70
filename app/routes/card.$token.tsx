import { data, redirect } from '@remix-run/node';
import type { ActionFunctionArgs, HeadersFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { isRouteErrorResponse, useActionData, useLoaderData, useRevalidator, useRouteError } from '@remix-run/react';
import { useEffect } from 'react';

import { CardPageView } from '#app/components/shopper/card-view.tsx';
import { freezePhrases } from '#app/components/shopper/freeze-phrases.ts';
import type { ShownInvitation } from '#app/components/shopper/invite-friends.tsx';
import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ReceiptAnswer } from '#app/components/shopper/phrases-type.ts';
import { platformOf } from '#app/components/shopper/wallet-buttons.tsx';
import { chooseLanguage, type Language, languageOfTag, languages } from '#app/domain/members/languages.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { claimOrder } from '#app/flows/members/claim-order.ts';
import { referFriend } from '#app/flows/members/refer-friend.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden, RateLimited } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { cardOwner, cardPage } from '#app/queries/card-page.ts';
import type { CardPage } from '#app/queries/card-page.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forPage } from '#app/web/page-failure.ts';
import { qrCodeSvg } from '#app/web/qr-code.ts';
import { countReceipt } from '#app/web/sign-up-limits.ts';
import { watchNetwork } from '#app/web/watchers.ts';

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const token = params['token'] ?? '';
  const page = await forPage(() => openPage(token, request.headers.get('accept-language')));
  await forPage(async () => watchNetwork({ ...(await cardOwner(token)), address: context.clientAddress }));
  const { content, design, standing, activity, timeZone, links } = page;
  return {
    language: languageOfTag(content.locale) ?? ('en' as const),
    platform: platformOf(request.headers.get('user-agent')),
    code: await qrCodeSvg(content.barcodeValue),
    content,
    design,
    standing,
    activity,
    timeZone,
    links,
    invitation: await inviteWith(token, page.invitation),
    receiptAction: `/card/${token}`,
    frozenBy: page.frozenBy,
  };
}

type Refusal = { refusal: string; language: Language };

/** A link that opens nothing still gets a page that says what to do, in the reader's language. */
async function openPage(token: string, acceptLanguage: string | null): Promise<CardPage> {
  try {
    return await cardPage(token);
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    const refused: Refusal = { refusal: error.code, language: chooseLanguage(acceptLanguage) };
    throw Response.json(refused, { status: 403, headers: { 'Cache-Control': 'private, no-store' } });
  }
}

/** A member's first look at the page makes the code; after that it is only read. */
async function inviteWith(token: string, invitation: CardPage['invitation']): Promise<ShownInvitation | null> {
  if (invitation === null) return null;
  const code =
    invitation.code ?? (await forPage(async () => referFriend({ ...(await cardOwner(token)), actor: 'shopper' }))).code;
  return { url: `${invitation.joinUrl}?ref=${code}`, terms: invitation.terms };
}

const formBytesMax = 4 * 1024;

/** The card is frozen or unfrozen by whose it is; or a code from a receipt puts a purchase onto it. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const token = params['token'] ?? '';
  const owner = await forPage(() => cardOwner(token));
  const form = await forPage(() => readForm(request, formBytesMax));
  const intent = form.get('intent');
  if (intent === 'freeze' || intent === 'unfreeze') {
    const change = intent === 'freeze' ? freezeCard : unfreezeCard;
    await forPage(async () => {
      await countReceipt({ address: context.clientAddress, memberId: owner.memberId });
      await change({ ...owner, by: 'member', actor: 'shopper' });
    });
    // Sent on, so that reloading the page does not send the form again.
    throw redirect(`/card/${token}`, { status: 303 });
  }
  const code = form.get('code');
  const answer = await claim(owner, typeof code === 'string' ? code : '', context.clientAddress);
  return data({ answer }, { status: statusOf[answer] });
}

const statusOf: Record<ReceiptAnswer, number> = {
  claimed: 200,
  expired: 410,
  taken: 409,
  unknown: 422,
  'too-many': 429,
};

type Owner = { shopId: ShopId; memberId: MemberId };

async function claim({ shopId, memberId }: Owner, code: string, address: string): Promise<ReceiptAnswer> {
  try {
    await countReceipt({ address, memberId });
  } catch (error) {
    if (error instanceof RateLimited) return 'too-many';
    throw error;
  }
  const claimed = await forPage(() => claimOrder({ shopId, code, memberId, actor: 'shopper', at: now() }));
  return claimed.kind;
}

/**
 * The address is the key to the card: it must not be kept by caches, sent on to other sites or found by searching. Our own
 * site may see it: browsers that tell nobody send forms without an origin, which are refused as forged.
 */
export const headers: HeadersFunction = () => ({
  'Cache-Control': 'private, no-store',
  'Referrer-Policy': 'same-origin',
  'X-Robots-Tag': 'noindex',
});

export const meta: MetaFunction<typeof loader> = ({ data: page }) =>
  page ? [{ title: shopperPhrases[page.language].cardTitle(page.content.organizationName) }] : [{ title: 'Stampwell' }];

const freshCodeEveryMs = 20_000;
/** A page that was forgotten stops asking. */
const freshCodesMax = 45;

/** The code changes every half minute: while the page is looked at, it is fetched anew in time. */
function useFreshCode(): void {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    let left = freshCodesMax;
    const fetchCode = () => {
      if (document.visibilityState !== 'visible' || left <= 0) return;
      left -= 1;
      revalidate();
    };
    // Whoever comes back to the page is about to show it.
    const comeBack = () => {
      left = freshCodesMax;
      fetchCode();
    };
    const timer = setInterval(fetchCode, freshCodeEveryMs);
    document.addEventListener('visibilitychange', comeBack);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', comeBack);
    };
  }, [revalidate]);
}

export default function CardPageRoute() {
  useFreshCode();
  const { receiptAction, ...page } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>()?.answer ?? null;
  return <CardPageView {...page} receipt={{ action: receiptAction, answer }} />;
}

/** What the loader threw; the browser's build knows no zod. */
function refusalOf(thrown: unknown): Refusal | null {
  if (typeof thrown !== 'object' || thrown === null || !('refusal' in thrown) || !('language' in thrown)) return null;
  const language = languages.find((one) => one === thrown.language);
  return typeof thrown.refusal === 'string' && language !== undefined ? { refusal: thrown.refusal, language } : null;
}

function RefusedPage({ refusal, language }: Refusal) {
  const { expiredTitle, expired, replacedTitle, replaced } = freezePhrases[language];
  const { linkInvalidTitle, linkInvalid } = shopperPhrases[language];
  if (refusal === 'link-expired') return <MessagePage title={expiredTitle} text={expired} />;
  if (refusal === 'link-replaced') return <MessagePage title={replacedTitle} text={replaced} />;
  return <MessagePage title={linkInvalidTitle} text={linkInvalid} />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  const refused = isRouteErrorResponse(error) ? refusalOf(error.data) : null;
  if (refused !== null) return <RefusedPage {...refused} />;
  const isRefused = isRouteErrorResponse(error) && (error.status === 403 || error.status === 404);
  const { linkInvalidTitle, linkInvalid, brokenTitle, broken } = shopperPhrases.en;
  return isRefused ? (
    <MessagePage title={linkInvalidTitle} text={linkInvalid} />
  ) : (
    <MessagePage title={brokenTitle} text={broken} />
  );
}
