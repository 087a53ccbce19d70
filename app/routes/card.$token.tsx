import { data, redirect } from '@remix-run/node';
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react';

import { CardPageView } from '#app/components/shopper/card-view.tsx';
import type { ShownInvitation } from '#app/components/shopper/invite-friends.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ReceiptAnswer } from '#app/components/shopper/phrases-type.ts';
import { RefusedLink } from '#app/components/shopper/refused-link.tsx';
import { platformOf } from '#app/components/shopper/wallet-buttons.tsx';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { claimOrder } from '#app/flows/members/claim-order.ts';
import { referFriend } from '#app/flows/members/refer-friend.ts';
import { now } from '#app/lib/clock.ts';
import { RateLimited } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { cardOwner, cardPage } from '#app/queries/card-page.ts';
import type { CardPage } from '#app/queries/card-page.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forPage } from '#app/web/page-failure.ts';
import { linkHeaders, readersLanguage, refuseInLanguage } from '#app/web/refused-link.ts';
import { countReceipt } from '#app/web/sign-up-limits.ts';
import { watchNetwork } from '#app/web/watchers.ts';

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const token = params['token'] ?? '';
  const page = await refuseInLanguage(readersLanguage(request), () => cardPage(token));
  await forPage(async () => watchNetwork({ ...(await cardOwner(token)), address: context.clientAddress }));
  const { content, design, standing, activity, timeZone, links } = page;
  return {
    language: languageOfTag(content.locale) ?? ('en' as const),
    platform: platformOf(request.headers.get('user-agent')),
    codeUrl: `/card/${token}/code`,
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
  const language = readersLanguage(request);
  const owner = await refuseInLanguage(language, () => cardOwner(token));
  const form = await refuseInLanguage(language, () => readForm(request, formBytesMax));
  const intent = form.get('intent');
  if (intent === 'freeze' || intent === 'unfreeze') {
    const change = intent === 'freeze' ? freezeCard : unfreezeCard;
    await refuseInLanguage(language, async () => {
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

export const headers = linkHeaders;

export const meta: MetaFunction<typeof loader> = ({ data: page }) =>
  page ? [{ title: shopperPhrases[page.language].cardTitle(page.content.organizationName) }] : [{ title: 'Stampwell' }];

export default function CardPageRoute() {
  const { receiptAction, ...page } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>()?.answer ?? null;
  return <CardPageView {...page} receipt={{ action: receiptAction, answer }} />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <RefusedLink thrown={isRouteErrorResponse(error) ? error : null} />;
}
