import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Select, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { IncidentRow, NoticeRow } from '#app/components/admin/security/shapes.ts';

const names: Record<string, string> = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', nl: 'Nederlands' };

type Props = { notices: NoticeRow[]; incident: IncidentRow; canAct: boolean };

/** Drafts of what the law wants said, and the note that it was said. */
export function NoticesCard({ notices, incident, canAct }: Props) {
  const telling = useFetcher<ActionResult>();
  const [language, setLanguage] = useState('en');
  const notice = notices.find((one) => one.language === language) ?? notices[0];
  if (notice === undefined) return null;
  const told = (who: 'authority' | 'people') => telling.submit({ intent: 'told', who }, { method: 'post' });
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Telling others
        </Text>
        <Text as="p" tone="subdued">
          Drafts after Art. 33 and 34 GDPR. What stands in brackets only you can know. Ask above what was read first:
          its figures are filled in.
        </Text>
        <Select
          label="Language"
          options={notices.map((one) => ({ value: one.language, label: names[one.language] ?? one.language }))}
          value={language}
          onChange={setLanguage}
        />
        <TextField label="To the authority" multiline={12} value={notice.authority} readOnly autoComplete="off" />
        <TextField label="To the people concerned" multiline={8} value={notice.people} readOnly autoComplete="off" />
        <ResultBanner result={telling.data} />
        {canAct ? (
          <InlineStack gap="300">
            {incident.authorityToldAt === null ? (
              <Button onClick={() => told('authority')}>The authority was told</Button>
            ) : null}
            {incident.peopleToldAt === null ? (
              <Button onClick={() => told('people')}>The people were told</Button>
            ) : null}
          </InlineStack>
        ) : null}
      </BlockStack>
    </Card>
  );
}
