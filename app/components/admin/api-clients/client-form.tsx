import type { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, Checkbox, InlineStack, Text } from '@shopify/polaris';
import { useState } from 'react';

import type { ClientResult, ClientRow, ProgramChoice } from '#app/components/admin/api-clients/api-client-shapes.ts';
import { draftOf, writeTerms } from '#app/components/admin/api-clients/client-draft.ts';
import { BoundFields, ReachFields } from '#app/components/admin/api-clients/client-terms-fields.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';

type Props = {
  /** Null: a new one. */
  client: ClientRow | null;
  programs: ProgramChoice[];
  scopes: readonly string[];
  fetcher: ReturnType<typeof useFetcher<ClientResult>>;
  /** What came back since this form was opened. */
  answer: ClientResult | undefined;
  onClose: () => void;
};

/** Everything that is decided about a client, in one form. */
export function ClientForm({ client, programs, scopes, fetcher, answer, onClose }: Props) {
  const isNew = client === null;
  const [draft, setDraft] = useState(() => draftOf(client));
  const [isPairwise, setPairwise] = useState(false);
  const [pin, setPin] = useState('');
  const problems = answer?.problems ?? {};
  const change = (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part }));
  const save = () => {
    const asked = isNew
      ? { intent: 'create', isPairwise: isPairwise ? 'yes' : '' }
      : { intent: 'change', ...idOf(client) };
    fetcher.submit({ ...asked, terms: writeTerms(draft), pin }, { method: 'post' });
  };
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {isNew ? 'New client' : `Change ${client.name}`}
        </Text>
        <ReachFields draft={draft} onChange={change} programs={programs} scopes={scopes} problems={problems} />
        <BoundFields draft={draft} onChange={change} problems={problems} />
        {isNew ? (
          <Checkbox
            label="It knows each member by an id of its own"
            helpText="Two such integrations cannot match their data by our ids. This cannot be changed later."
            checked={isPairwise}
            onChange={setPairwise}
          />
        ) : null}
        <StepUpField value={pin} onChange={setPin} />
        <ResultBanner result={answer} />
        <InlineStack gap="200">
          <Button variant="primary" onClick={save} loading={fetcher.state !== 'idle'}>
            {isNew ? 'Create client' : 'Save'}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

const idOf = ({ clientId }: ClientRow) => ({ clientId });
