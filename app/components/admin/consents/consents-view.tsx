import { useFetcher } from '@remix-run/react';
import { Banner, BlockStack, Button, Card, ChoiceList, InlineStack, Link, Page, Text } from '@shopify/polaris';
import { useState } from 'react';

import { RootsCard } from '#app/components/admin/consents/roots-card.tsx';
import type { RootRow } from '#app/components/admin/consents/roots-card.tsx';
import {
  formatCode,
  formatCount,
  formatDay,
  formatMember,
  formatMoment,
  formatShare,
} from '#app/components/admin/format.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { countryName } from '#app/domain/country-names.ts';
import type { DoubleOptIn } from '#app/domain/members/double-opt-in.ts';

type OptIn = { purpose: string; channel: string; granted: number; waiting: number; rate: number };
type Wording = { version: string; purpose: string; locale: string; wording: string; firstUsedAt: Date };
type Report = { reportId: string; memberId: string; subject: string; reportedAt: Date };

export type ConsentsViewProps = {
  members: number;
  optIns: OptIn[];
  doubleOptIn: { choice: DoubleOptIn; country: string | null; isOnByCountry: boolean; countries: string[] };
  hasMail: boolean;
  wordings: Wording[];
  roots: RootRow[];
  reports: Report[];
  canWrite: boolean;
  canExport: boolean;
  timeZone: string;
};

const listed = new Intl.ListFormat('en', { type: 'conjunction' });

const channelWords: Record<string, string> = { wallet: 'on the card', email: 'by e-mail', sms: 'by text message' };

/** Who agreed to what, in which words, and the proof of it. */
export function ConsentsView(props: ConsentsViewProps) {
  return (
    <Page title="Consents" subtitle="What members agreed to, in which words, and how it can be proven">
      <BlockStack gap="400">
        <OptIns {...props} />
        <Reports {...props} />
        <Confirmation {...props} />
        <RootsCard roots={props.roots} canExport={props.canExport} timeZone={props.timeZone} />
        <Wordings {...props} />
      </BlockStack>
    </Page>
  );
}

function OptIns({ members, optIns }: ConsentsViewProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          How many agree
        </Text>
        {members === 0 ? (
          <Text as="p" tone="subdued">
            Nobody has joined yet. Once people join, this shows how many of them agree to what.
          </Text>
        ) : (
          <>
            <Text as="p" tone="subdued">
              {`Of ${members === 1 ? 'one member' : `${formatCount(members)} members`}, by their newest word. Nothing is ticked for them, and saying no costs them nothing.`}
            </Text>
            <PlainTable
              title="How many members agree"
              head={['What for', 'Agree', 'Share', 'Wait for their mail']}
              rows={optIns.map(({ purpose, channel, granted, waiting, rate }) => [
                `${formatCode(purpose)}, ${channelWords[channel] ?? channel}`,
                formatCount(granted),
                formatShare(rate),
                formatCount(waiting),
              ])}
            />
          </>
        )}
      </BlockStack>
    </Card>
  );
}

function Reports({ reports, canWrite, timeZone }: ConsentsViewProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Reported by members
        </Text>
        {reports.length === 0 ? (
          <Text as="p" tone="subdued">
            Nothing. When a member does not recognise something on their card, it is listed here.
          </Text>
        ) : (
          <ul className="rows">
            {reports.map((report) => (
              <ReportRow key={report.reportId} report={report} canWrite={canWrite} timeZone={timeZone} />
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

function ReportRow({ report, canWrite, timeZone }: { report: Report; canWrite: boolean; timeZone: string }) {
  const closing = useFetcher<ActionResult>();
  const name = formatMember(report.memberId);
  return (
    <li>
      <div className="row-line">
        <span>
          <Link url={`/app/members/${report.memberId}`}>{name}</Link> does not recognise{' '}
          {subjectInWords(report.subject)}, reported {formatMoment(report.reportedAt, timeZone)}
        </span>
        <closing.Form method="post">
          <input type="hidden" name="intent" value="close-report" />
          <input type="hidden" name="reportId" value={report.reportId} />
          <Button
            submit
            disabled={!canWrite}
            loading={closing.state !== 'idle'}
            accessibilityLabel={`Done: report of ${name}`}
          >
            Done
          </Button>
        </closing.Form>
      </div>
      <ResultBanner result={closing.data} />
    </li>
  );
}

function subjectInWords(subject: string): string {
  const [kind = '', id = ''] = subject.split(':', 2);
  if (kind === 'entry') return 'an entry in their history';
  return id.startsWith('phone-') ? 'a phone that holds their card' : `audit record ${id}`;
}

function Confirmation({ doubleOptIn, hasMail, canWrite }: ConsentsViewProps) {
  const saving = useFetcher<ActionResult>();
  const [choice, setChoice] = useState<DoubleOptIn>(doubleOptIn.choice);
  const { country, isOnByCountry, countries } = doubleOptIn;
  const byCountry = `As the shop’s country asks (${country === null ? 'unknown' : countryName(country)}: ${isOnByCountry ? 'confirmed by mail' : 'not confirmed'})`;
  return (
    <Card>
      <saving.Form method="post">
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">
            Confirmation by mail
          </Text>
          <Text as="p" tone="subdued">
            {`With it, a tick for offers by e-mail counts only once the member opened a link that we mailed to them. In ${listed.format(countries.map(countryName))}, courts or authorities ask for that proof.`}
          </Text>
          {hasMail ? null : (
            <Banner tone="warning" title="No mail server is set up">
              <p>
                No confirmation can be sent, so nobody can agree to offers by e-mail where one is needed. Whoever runs
                Stampwell sets SMTP_URL.
              </p>
            </Banner>
          )}
          <ResultBanner result={saving.data} />
          <input type="hidden" name="intent" value="double-opt-in" />
          <input type="hidden" name="choice" value={choice} />
          <ChoiceList
            title="Confirm offers by e-mail"
            titleHidden
            disabled={!canWrite}
            selected={[choice]}
            onChange={([picked]) => setChoice(picked === 'always' || picked === 'never' ? picked : 'by-country')}
            choices={[
              { label: byCountry, value: 'by-country' },
              { label: 'Always', value: 'always' },
              { label: 'Never', value: 'never', helpText: 'Only if you can prove consent in another way.' },
            ]}
          />
          <InlineStack>
            <Button submit disabled={!canWrite || choice === doubleOptIn.choice} loading={saving.state !== 'idle'}>
              Save
            </Button>
          </InlineStack>
        </BlockStack>
      </saving.Form>
    </Card>
  );
}

function Wordings({ wordings, timeZone }: ConsentsViewProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          The words that were agreed to
        </Text>
        {wordings.length === 0 ? (
          <Text as="p" tone="subdued">
            None yet. Every wording is kept from the first time somebody agrees to it.
          </Text>
        ) : (
          <PlainTable
            title="The words that were agreed to"
            head={['Words', 'Purpose', 'Version', 'First used']}
            rows={wordings.map(({ version, purpose, wording, firstUsedAt }) => [
              wording,
              formatCode(purpose),
              version,
              formatDay(firstUsedAt, timeZone),
            ])}
            isText
          />
        )}
      </BlockStack>
    </Card>
  );
}
