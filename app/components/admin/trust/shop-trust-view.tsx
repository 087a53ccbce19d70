import { Form } from '@remix-run/react';
import { Badge, Banner, BlockStack, Card, InlineStack, Link, Page, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { formatDay } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { type ActionResult, ResultBanner } from '#app/components/admin/result-banner.tsx';
import { useIsSubmitting } from '#app/components/admin/use-form.ts';
import type { Annexes } from '#app/domain/privacy/agreement.ts';
import { countryName } from '#app/domain/country-names.ts';

type Answer = {
  version: number;
  announcedAt: Date;
  acceptedAt: Date | null;
  objectedAt: Date | null;
  objection: string | null;
};

export type ShopTrustViewProps = {
  agreement: { version: number; publishedAt: Date; countsFrom: Date; annexes: Annexes } | null;
  isPending: boolean;
  history: Answer[];
  promises: { kept: number; all: number };
  timeZone: string;
  result: ActionResult | undefined;
};

export function ShopTrustView({ agreement, isPending, history, promises, timeZone, result }: ShopTrustViewProps) {
  return (
    <Page title="Trust" subtitle="What we agreed on, who works for us, and what we promise">
      <BlockStack gap="400">
        <ResultBanner result={result} />
        {agreement === null ? (
          <Card>
            <Text as="p" tone="subdued">
              The agreement is being prepared. Please come back in a moment.
            </Text>
          </Card>
        ) : (
          <>
            <Agreement agreement={agreement} isPending={isPending} timeZone={timeZone} />
            <SubProcessors subProcessors={agreement.annexes.subProcessors} />
            <Processing processing={agreement.annexes.processing} />
          </>
        )}
        <Promises {...promises} />
        <Evidence />
        <History history={history} timeZone={timeZone} />
      </BlockStack>
    </Page>
  );
}

type AgreementProps = Pick<ShopTrustViewProps, 'isPending' | 'timeZone'> & {
  agreement: NonNullable<ShopTrustViewProps['agreement']>;
};

function Agreement({ agreement, isPending, timeZone }: AgreementProps) {
  const { version, publishedAt, countsFrom } = agreement;
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            Data processing agreement
          </Text>
          {isPending ? <Badge tone="attention">Waiting for you</Badge> : <Badge tone="success">Accepted</Badge>}
        </InlineStack>
        <Text as="p">
          Version {version} of {formatDay(publishedAt, timeZone)}. Its annexes below are generated from what the
          software keeps and from the register of companies that work for us; when either changes, you are asked again.
        </Text>
        {isPending ? <Question version={version} advice={adviceOf(publishedAt, countsFrom, timeZone)} /> : null}
      </BlockStack>
    </Card>
  );
}

function adviceOf(publishedAt: Date, countsFrom: Date, timeZone: string): string {
  const isFirst = new Date(countsFrom) <= new Date(publishedAt);
  return isFirst
    ? 'Please read the annexes and accept them: members’ data may only be handled under the agreement.'
    : `Please read the annexes and accept them, or tell us by ${formatDay(countsFrom, timeZone)} what you object to.`;
}

function Question({ version, advice }: { version: number; advice: string }) {
  const [objection, setObjection] = useState('');
  const isSubmitting = useIsSubmitting();
  return (
    <BlockStack gap="300">
      <Banner tone="warning">
        <p>{advice}</p>
      </Banner>
      <InlineStack gap="300">
        <Form method="post">
          <input type="hidden" name="version" value={version} />
          <GuardedButton needs="trust:write" submit variant="primary" loading={isSubmitting}>
            Accept version {String(version)}
          </GuardedButton>
        </Form>
      </InlineStack>
      <Form method="post">
        <input type="hidden" name="version" value={version} />
        <input type="hidden" name="intent" value="object" />
        <BlockStack gap="200">
          <TextField
            label="Or what you object to"
            name="objection"
            value={objection}
            onChange={setObjection}
            multiline={3}
            maxLength={2_000}
            autoComplete="off"
          />
          <InlineStack>
            <GuardedButton needs="trust:write" submit disabled={objection.trim() === ''}>
              Object
            </GuardedButton>
          </InlineStack>
        </BlockStack>
      </Form>
    </BlockStack>
  );
}

function SubProcessors({ subProcessors }: Pick<Annexes, 'subProcessors'>) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Companies that work for us
        </Text>
        <PlainTable
          isText
          title="Companies that work for us"
          head={['Company', 'For', 'Gets', 'Where', 'Guarantee']}
          rows={subProcessors.map((each) => [
            each.name,
            each.purpose,
            each.data,
            each.countries.map(countryName).join(', '),
            each.guarantee,
          ])}
        />
      </BlockStack>
    </Card>
  );
}

function Processing({ processing }: Pick<Annexes, 'processing'>) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Personal data
        </Text>
        <PlainTable
          isText
          title="Personal data"
          head={['What', 'For', 'Because of', 'Fields']}
          rows={processing.map((each) => [each.holds, each.purpose, each.basis, each.fields.join(', ')])}
        />
      </BlockStack>
    </Card>
  );
}

function Promises({ kept, all }: ShopTrustViewProps['promises']) {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          Promises
        </Text>
        <Text as="p">
          {kept} of {all} promises about privacy, security and reliability are kept, each shown by tests.{' '}
          <Link url="/trust" target="_blank">
            Read them all
          </Link>
        </Text>
      </BlockStack>
    </Card>
  );
}

function Evidence() {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          For your auditor
        </Text>
        <Text as="p" tone="subdued">
          One archive: who may do what in this shop, the heads of its logs, what was removed when, its keys by name, and
          what is promised and rehearsed. A signed list tells when a file in it was changed.
        </Text>
        <InlineStack>
          <DownloadButton
            label="Download the evidence"
            path="/app/trust/evidence"
            fileName="evidence.zip"
            about="It holds nothing of other shops, names no shopper, and names staff by their Shopify numbers. Making it takes a few seconds."
          />
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

function History({ history, timeZone }: Pick<ShopTrustViewProps, 'history' | 'timeZone'>) {
  if (history.length === 0) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What you said so far
        </Text>
        <ul className="rows">
          {history.map((each) => (
            <li key={each.version}>
              <Text as="p">
                Version {each.version}: announced {formatDay(each.announcedAt, timeZone)}, {answerOf(each, timeZone)}
              </Text>
            </li>
          ))}
        </ul>
      </BlockStack>
    </Card>
  );
}

function answerOf({ acceptedAt, objectedAt, objection }: Answer, timeZone: string): string {
  if (acceptedAt !== null) return `accepted ${formatDay(acceptedAt, timeZone)}`;
  if (objectedAt !== null) return `objected ${formatDay(objectedAt, timeZone)}: “${objection}”`;
  return 'not answered yet';
}
