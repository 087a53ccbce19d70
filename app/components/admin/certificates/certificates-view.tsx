import { Badge, Banner, BlockStack, Card, Page, Text } from '@shopify/polaris';

import { AddCertificate } from '#app/components/admin/certificates/add-certificate.tsx';
import { CertificateLine } from '#app/components/admin/certificates/certificate-line.tsx';
import type {
  CertificateRow,
  CertificatesViewProps,
  Delegated,
} from '#app/components/admin/certificates/certificate-shapes.ts';
import { GoogleIssuers } from '#app/components/admin/certificates/google-issuers.tsx';
import { IntentButton } from '#app/components/admin/certificates/intent-button.tsx';
import { formatCount } from '#app/components/admin/format.ts';

/** From here on the limit of a plan is said aloud. */
const nearlyFull = 0.9;

export function CertificatesView({ apple, requests, google, delegated, timeZone }: CertificatesViewProps) {
  const isOwn = apple.some(({ state }) => state === 'active');
  return (
    <Page title="Certificates" subtitle="Under whose name your cards are issued">
      <BlockStack gap="400">
        <Alarms apple={apple} />
        {isOwn ? null : <PlanLimit delegated={delegated.apple} />}
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              Apple Wallet
            </Text>
            <ul className="rows">
              <PlatformLine isOwn={isOwn} delegated={delegated.apple} />
              {apple.map((row) => (
                <CertificateLine key={row.issuerId} row={row} all={apple} timeZone={timeZone} />
              ))}
            </ul>
            <Text as="p" tone="subdued">
              A switch is for new cards. A card on a phone keeps its pass type for ever, and its certificate goes on
              signing it here until the card is re-issued.
            </Text>
          </BlockStack>
        </Card>
        <AddCertificate requests={requests} timeZone={timeZone} />
        <GoogleIssuers google={google} delegated={delegated.google} />
      </BlockStack>
    </Page>
  );
}

function Alarms({ apple }: { apple: CertificateRow[] }) {
  const troubled = apple.filter(({ state, endsSoon, isRevoked }) => state !== 'replaced' && (endsSoon || isRevoked));
  if (troubled.length === 0) return null;
  const isUrgent = troubled.some(({ daysLeft, isRevoked }) => isRevoked || daysLeft <= 7);
  return (
    <Banner tone={isUrgent ? 'critical' : 'warning'} title="Renew in time, so that cards go on changing">
      <ul className="plain-list">
        {troubled.map((row) => (
          <li key={row.issuerId}>
            <strong>{row.passTypeIdentifier}</strong> {troubleOf(row)} Have Apple issue a new certificate for the same
            pass type and add it below.
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function troubleOf({ isRevoked, daysLeft }: CertificateRow): string {
  if (isRevoked) return 'was revoked by Apple.';
  if (daysLeft <= 0) return 'has expired.';
  return daysLeft === 1 ? 'ends tomorrow.' : `ends in ${daysLeft} days.`;
}

function PlanLimit({ delegated: { passes, passesMax } }: { delegated: Delegated }) {
  if (passesMax === null || passes < passesMax * nearlyFull) return null;
  const isFull = passes >= passesMax;
  return (
    <Banner
      tone={isFull ? 'critical' : 'warning'}
      title={
        isFull
          ? `All ${formatCount(passesMax)} cards of your plan are out`
          : `${formatCount(passes)} of ${formatCount(passesMax)} cards of your plan are out`
      }
    >
      <p>
        Cards that are out go on working. To hand out more, add a certificate of your own below, which has no limit, or
        choose a larger plan.
      </p>
    </Banner>
  );
}

function PlatformLine({ isOwn, delegated }: { isOwn: boolean; delegated: Delegated }) {
  const { passes, passesMax } = delegated;
  return (
    <li>
      <BlockStack gap="200">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            The platform’s certificate
          </Text>
          {isOwn ? null : <Badge tone="success">New cards</Badge>}
        </div>
        <Text as="p" tone="subdued">
          {passesMax === null
            ? 'No limit in your plan'
            : `${formatCount(passes)} of ${formatCount(passesMax)} cards of your plan are out`}
        </Text>
        {isOwn ? (
          <IntentButton fields={{ intent: 'use', issuerId: 'platform' }} name="Use for new cards" of="the platform" />
        ) : null}
      </BlockStack>
    </li>
  );
}
