import { isRouteErrorResponse, useRouteError } from '@remix-run/react';
import { BlockStack, Button, Card, Page, Text } from '@shopify/polaris';

/** What a page of the admin shows when it cannot be shown: what happened, and the next thing to try. */
export function PageError() {
  const error = useRouteError();
  return <Notice {...explain(isRouteErrorResponse(error) ? error.status : 500, wordsOf(error))} />;
}

/** What an address of the admin shows where no page is. */
export function NoSuchPage() {
  return <Notice title="There is no such page" advice="The address may be old or mistyped. The menu has every page." />;
}

function Notice({ title, advice }: { title: string; advice: string }) {
  return (
    <Page narrowWidth title={title}>
      <Card>
        <BlockStack gap="300" inlineAlign="start">
          <Text as="p">{advice}</Text>
          <Button url="/app">Go to Home</Button>
        </BlockStack>
      </Card>
    </Page>
  );
}

/** What we say ourselves about a refusal, in words for people. */
function wordsOf(error: unknown): string | null {
  if (!isRouteErrorResponse(error)) return null;
  const data: unknown = error.data;
  const isProblem = typeof data === 'object' && data !== null && 'detail' in data;
  return isProblem && typeof data.detail === 'string' ? data.detail : null;
}

function explain(status: number, words: string | null): { title: string; advice: string } {
  if (status === 403 && words !== null) return { title: 'You may not do this', advice: words };

  if (status === 404)
    return {
      title: 'This does not exist, or not any more',
      advice: 'It may have been removed. Look it up again from its list.',
    };
  if (status === 401 || status === 403)
    return {
      title: 'Shopify did not confirm who you are',
      advice: 'Reload the page. If it stays, open the app again from Shopify’s menu.',
    };
  if (status === 503 || status === 429)
    return { title: 'We are busy right now', advice: 'Nothing was lost. Wait a few seconds and try again.' };
  return {
    title: 'Something went wrong on our side',
    advice: 'Nothing was lost. Reload the page; if it happens again, tell us when it did.',
  };
}
