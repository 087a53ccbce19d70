import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, InlineStack, Link, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { formatActor, formatMember, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { DecisionRow } from '#app/components/admin/security/shapes.ts';
import { figuresText } from '#app/components/admin/security/words.ts';

const reasonMax = 500;

type Props = { decisions: DecisionRow[]; timeZone: string; canChange: boolean };

/** Rewards a machine refused, with everything that led to it; a person has the last word. */
export function DecisionsCard({ decisions, timeZone, canChange }: Props) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Rewards that were held back
        </Text>
        {decisions.length === 0 ? (
          <Text as="p" tone="subdued">
            None. When something speaks against a redemption, the reasons stand here, and you decide.
          </Text>
        ) : (
          <ul className="rows">
            {decisions.map((decision) => (
              <Decision key={decision.decisionId} decision={decision} timeZone={timeZone} canChange={canChange} />
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

function Decision({ decision, timeZone, canChange }: { decision: DecisionRow; timeZone: string; canChange: boolean }) {
  const { memberId, rules, inputs, score, rulesVersion, decidedAt, timesSeen, overriddenAt } = decision;
  return (
    <li>
      <div className="row-line">
        <span>
          <Link url={`/app/members/${memberId}`}>{formatMember(memberId)}</Link>, {formatMoment(decidedAt, timeZone)}
          {timesSeen > 1 ? `, asked ${timesSeen} times` : ''}
        </span>
        {overriddenAt === null ? <Badge tone="attention">Waits for you</Badge> : <Badge tone="success">Allowed</Badge>}
      </div>
      {rules.map(({ rule, weight, why }) => (
        <Text as="p" key={rule}>
          {`${why} (${rule}, weight ${weight})`}
        </Text>
      ))}
      <details>
        <summary>What it was decided on</summary>
        <Text as="p" tone="subdued">
          {`Score ${score}, rules version ${rulesVersion}. ${figuresText(inputs)}`}
        </Text>
      </details>
      {overriddenAt === null ? (
        canChange && <OverrideForm decision={decision} />
      ) : (
        <Text as="p" tone="subdued">
          {`${formatActor(decision.overriddenBy ?? '')}, ${formatMoment(overriddenAt, timeZone)}: ${decision.overrideReason ?? ''}`}
        </Text>
      )}
    </li>
  );
}

function OverrideForm({ decision: { decisionId, memberId } }: { decision: DecisionRow }) {
  const allowing = useFetcher<ActionResult>();
  const [reason, setReason] = useState('');
  return (
    <BlockStack gap="200">
      <ResultBanner result={allowing.data} />
      <TextField
        label={`Why ${formatMember(memberId)} is fine`}
        value={reason}
        onChange={setReason}
        maxLength={reasonMax}
        autoComplete="off"
      />
      <InlineStack>
        <Button
          loading={allowing.state !== 'idle'}
          accessibilityLabel={`Allow for 24 hours: ${formatMember(memberId)}`}
          onClick={() => allowing.submit({ intent: 'override', decisionId, reason }, { method: 'post' })}
        >
          Allow for 24 hours
        </Button>
      </InlineStack>
    </BlockStack>
  );
}
