import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';
import { useState } from 'react';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { WordsField } from '#app/components/admin/fields.tsx';
import { formatActor, formatCount, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { ReviewRow } from '#app/components/admin/staff/staff-shapes.ts';

type Props = { reviews: ReviewRow[]; isReviewDue: boolean; timeZone: string };

/** Every quarter somebody looks through the list and puts their name to it. */
export function ReviewsCard({ reviews, isReviewDue, timeZone }: Props) {
  const fetcher = useFetcher<ActionResult>();
  const [note, setNote] = useState('');
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            Access review
          </Text>
          {isReviewDue ? <Badge tone="attention">Due</Badge> : <Badge tone="success">Done this quarter</Badge>}
        </InlineStack>
        <Text as="p">
          Look through the list above every three months: does everybody still need what they have? What you sign is
          kept as it is now, with everybody’s role and last use.
        </Text>
        <ResultBanner result={fetcher.data} />
        <WordsField label="Note (may stay empty)" lengthMax={200} value={note} onChange={setNote} />
        <InlineStack gap="200">
          <Button
            loading={fetcher.state !== 'idle'}
            onClick={() => fetcher.submit({ intent: 'review', note }, { method: 'post' })}
          >
            Sign the review
          </Button>
          <DownloadButton
            label="Download the list (CSV)"
            path="/app/staff.csv"
            fileName="staff.csv"
            about="A line for each person: their Shopify number, role, places, and last use. It holds no names and no PINs."
          />
        </InlineStack>
        {reviews.length === 0 ? null : (
          <ul className="rows">
            {reviews.map((review) => (
              <li key={review.reviewId}>
                {formatMoment(review.signedAt, timeZone)}: {formatCount(review.people)}{' '}
                {review.people === 1 ? 'person' : 'people'}, signed by {formatActor(review.signedBy)}
                {review.note === null ? null : (
                  <Text as="p" tone="subdued">
                    {review.note}
                  </Text>
                )}
              </li>
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}
