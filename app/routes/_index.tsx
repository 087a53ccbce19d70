import { redirect } from '@remix-run/node';
import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';

import { MessagePage } from '#app/components/shopper/message-page.tsx';

export const meta: MetaFunction = () => [{ title: 'Stampwell' }];

/** Shopify opens the app at its root: on to the admin pages, with everything it said about shop and session. */
export function loader({ request }: LoaderFunctionArgs) {
  const { search, searchParams } = new URL(request.url);
  if (searchParams.has('shop') || searchParams.has('host')) throw redirect(`/app${search}`);
  return null;
}

export default function RootPage() {
  return (
    <MessagePage
      title="Loyalty that lives in the wallet"
      text="Merchants open Stampwell inside Shopify admin, under Apps. Shoppers join with the link or QR code of their shop."
    />
  );
}
