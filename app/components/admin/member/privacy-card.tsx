import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, ButtonGroup, Card, Text } from '@shopify/polaris';
import { useState } from 'react';

import { formatDay } from '#app/components/admin/format.ts';
import type { MemberDetail, MemberPrivacy } from '#app/components/admin/member/member-shapes.ts';
import { PrivacyQuestion } from '#app/components/admin/member/privacy-question.tsx';
import type { PrivacyRequest } from '#app/components/admin/member/privacy-question.tsx';
import { CaseLine } from '#app/components/admin/privacy/cases-card.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Props = { member: MemberDetail['member']; privacy: MemberPrivacy; timeZone: string };

/** What a member may ask about their own data, done here for somebody who asked the shop. */
export function PrivacyCard({ member, privacy, timeZone }: Props) {
  const asking = useFetcher<ActionResult>();
  const [request, setRequest] = useState<PrivacyRequest>('access');
  const question = useQuestion(asking.data, (answer) => answer.tone === 'success');
  const ask = (next: PrivacyRequest) => {
    setRequest(next);
    question.open();
  };
  const isGone = member.state === 'erased';
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Privacy
        </Text>
        <ResultBanner result={asking.data?.tone === 'critical' && question.isOpen ? undefined : asking.data} />
        <Text as="p" tone="subdued">
          {describe(privacy, isGone, timeZone)}
        </Text>
        {isGone ? null : (
          <ButtonGroup>
            <Button onClick={() => ask('access')}>Copy of their data</Button>
            <Button onClick={() => ask('rectification')}>Correct details</Button>
            {privacy.restrictedAt === null ? (
              <Button onClick={() => ask('restriction')}>Stop using the data</Button>
            ) : (
              <Button onClick={() => ask('lift-restriction')}>Use the data again</Button>
            )}
            <Button onClick={() => ask('objection')}>No marketing</Button>
            <Button tone="critical" onClick={() => ask('erasure')}>
              Erase member
            </Button>
          </ButtonGroup>
        )}
        {privacy.cases.length === 0 ? null : (
          <ul className="rows">
            {privacy.cases.map((entry) => (
              <CaseLine key={entry.caseId} entry={entry} timeZone={timeZone} isMemberNamed={false} />
            ))}
          </ul>
        )}
      </BlockStack>
      {question.isOpen ? (
        <PrivacyQuestion
          key={request}
          request={request}
          isBusy={asking.state !== 'idle'}
          answer={asking.data?.tone === 'critical' ? asking.data : undefined}
          onClose={question.close}
          onSend={(fields) =>
            asking.submit(
              { intent: request, ...fields },
              { method: 'post', action: `/app/members/${member.memberId}/privacy` },
            )
          }
        />
      ) : null}
    </Card>
  );
}

function describe({ restrictedAt, objectedAt }: MemberPrivacy, isGone: boolean, timeZone: string): string {
  if (isGone) return 'This member was erased. What remains are figures that name nobody.';
  if (restrictedAt !== null)
    return `Since ${formatDay(restrictedAt, timeZone)} this data is kept and not used: nothing is collected, redeemed or sent.`;
  if (objectedAt !== null) return `Since ${formatDay(objectedAt, timeZone)} there is no marketing and no profiling.`;
  return 'When a member asks about their data, do it here: it is done at once and noted for the record.';
}
