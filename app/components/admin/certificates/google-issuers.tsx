import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, InlineStack, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import type { Delegated, GoogleRow } from '#app/components/admin/certificates/certificate-shapes.ts';
import { FileField } from '#app/components/admin/certificates/file-field.tsx';
import { IntentButton } from '#app/components/admin/certificates/intent-button.tsx';
import { formatCount } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

const accessNames = {
  demo: 'Demo: only testers can save cards',
  requested: 'Publishing access asked for',
  live: 'Open to everybody',
} as const;

/** Issuers at Google: the platform's and the shop's own, and how far Google has opened them. */
export function GoogleIssuers({ google, delegated }: { google: GoogleRow[]; delegated: Delegated }) {
  const isOwn = google.some(({ state }) => state === 'active');
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Google Wallet
        </Text>
        <ul className="rows">
          <li>
            <BlockStack gap="200">
              <div className="row-line">
                <Text as="h3" variant="headingSm">
                  The platform’s issuer
                </Text>
                {isOwn ? null : <Badge tone="success">New cards</Badge>}
              </div>
              <Text as="p" tone="subdued">
                {delegated.passesMax === null
                  ? 'No limit in your plan'
                  : `${formatCount(delegated.passes)} of ${formatCount(delegated.passesMax)} cards of your plan are out`}
              </Text>
              {isOwn ? (
                <IntentButton
                  fields={{ intent: 'use-google', id: 'platform' }}
                  name="Use for new cards"
                  of="the platform"
                />
              ) : null}
            </BlockStack>
          </li>
          {google.map((row) => (
            <IssuerLine key={row.id} row={row} />
          ))}
        </ul>
        <AccountForm />
      </BlockStack>
    </Card>
  );
}

function IssuerLine({ row }: { row: GoogleRow }) {
  const { id, issuerId, clientEmail, state, access, passes } = row;
  const of = `issuer ${issuerId}`;
  return (
    <li>
      <BlockStack gap="200">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            Issuer {issuerId}
          </Text>
          {state === 'active' ? <Badge tone="success">New cards</Badge> : <Badge>{accessNames[access]}</Badge>}
        </div>
        <Text as="p" tone="subdued">
          {clientEmail}
          {passes > 0 ? `, ${formatCount(passes)} ${passes === 1 ? 'card is' : 'cards are'} out` : ''}
        </Text>
        <NextStep id={id} access={access} of={of} />
        {access === 'live' && state !== 'active' ? (
          <IntentButton
            fields={{ intent: 'use-google', id }}
            name="Use for new cards"
            of={of}
            question="Your card's design is sent to this issuer first; only when Google takes it do new cards go there. Saved cards stay where they are, and you can go back."
          />
        ) : null}
        {state === 'active' || passes > 0 ? null : (
          <IntentButton
            fields={{ intent: 'remove-google', id }}
            name="Remove"
            of={of}
            tone="critical"
            question="The account and its key are deleted here for good."
          />
        )}
      </BlockStack>
    </li>
  );
}

function NextStep({ id, access, of }: Pick<GoogleRow, 'id' | 'access'> & { of: string }) {
  const step = (to: GoogleRow['access'], name: string) => (
    <IntentButton fields={{ intent: 'access', id, access: to }} name={name} of={of} />
  );
  if (access === 'demo') return step('requested', 'I have asked Google for publishing access');
  if (access === 'live') return null;
  return (
    <InlineStack gap="200">
      {step('live', 'Google said yes')}
      {step('demo', 'Google said no')}
    </InlineStack>
  );
}

function AccountForm() {
  const fetcher = useFetcher<ActionResult>();
  const [issuerId, setIssuerId] = useState('');
  const problems = fetcher.data?.problems ?? {};
  return (
    <fetcher.Form method="post" encType="multipart/form-data">
      <input type="hidden" name="intent" value="add-google" />
      <BlockStack gap="300">
        <Text as="h3" variant="headingSm">
          Add an issuer of your own
        </Text>
        <ResultBanner result={fetcher.data} />
        <TextField
          label="Issuer ID"
          name="issuerId"
          autoComplete="off"
          inputMode="numeric"
          maxLength={32}
          value={issuerId}
          onChange={setIssuerId}
          helpText="In the Google Pay & Wallet console, under Google Wallet API."
          {...(problems['issuerId'] === undefined ? {} : { error: problems['issuerId'] })}
        />
        <FileField
          label="Service account key"
          name="account"
          accept=".json"
          hint="The JSON file from Google Cloud. Add its address as a user of the issuer."
          problem={problems['account']}
        />
        <InlineStack>
          <GuardedButton needs="keys:write" submit loading={fetcher.state !== 'idle'}>
            Check and add
          </GuardedButton>
        </InlineStack>
      </BlockStack>
    </fetcher.Form>
  );
}
