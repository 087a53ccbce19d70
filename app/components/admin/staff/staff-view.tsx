import { BlockStack, Page } from '@shopify/polaris';

import { AccessSettingsCard } from '#app/components/admin/staff/access-settings-card.tsx';
import { OwnPinCard } from '#app/components/admin/staff/own-pin-card.tsx';
import { PeopleCard } from '#app/components/admin/staff/people-card.tsx';
import { ReviewsCard } from '#app/components/admin/staff/reviews-card.tsx';
import type { StaffViewProps } from '#app/components/admin/staff/staff-shapes.ts';

/** Who may do what: people and roles, PINs, how others come in, and the reviews of it. */
export function StaffView({ people, settings, reviews, isReviewDue, ownId, mayWrite, timeZone }: StaffViewProps) {
  const own = people.find(({ staffId }) => staffId === ownId);
  return (
    <Page title="Staff" subtitle="Who may do what in this shop">
      <BlockStack gap="400">
        {own === undefined ? null : <OwnPinCard person={own} timeZone={timeZone} />}
        <PeopleCard people={people} ownId={ownId} mayWrite={mayWrite} timeZone={timeZone} />
        {settings === null ? null : (
          <>
            <AccessSettingsCard settings={settings} mayWrite={mayWrite} />
            <ReviewsCard reviews={reviews} isReviewDue={isReviewDue} timeZone={timeZone} />
          </>
        )}
      </BlockStack>
    </Page>
  );
}
