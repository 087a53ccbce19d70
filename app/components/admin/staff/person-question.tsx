import type { useFetcher } from '@remix-run/react';
import { Banner, BlockStack, Checkbox, FormLayout, Modal, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceField, WordsField } from '#app/components/admin/fields.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { personLabel, roleChoices } from '#app/components/admin/staff/staff-shapes.ts';
import type { PersonRow } from '#app/components/admin/staff/staff-shapes.ts';
import { StepUpField } from '#app/components/admin/step-up-field.tsx';
import type { Role } from '#app/domain/access/permissions.ts';

type Props = {
  /** Whom it is about; null for somebody new. */
  person: PersonRow | null;
  fetcher: ReturnType<typeof useFetcher<ActionResult>>;
  onClose: () => void;
};

const places = [
  { value: 'everywhere', label: 'At every location' },
  { value: 'listed', label: 'Only at some locations' },
  { value: 'nowhere', label: 'At no till' },
] as const;

type Place = (typeof places)[number]['value'];

function placeOf(person: PersonRow | null): Place {
  if (person === null || person.locations === null) return 'everywhere';
  return person.locations.length === 0 ? 'nowhere' : 'listed';
}

const nobody = { userId: '', name: null, role: 'viewer' as Role, locations: null, expiresAt: null, isLocked: false };

function startOf(person: PersonRow | null) {
  const { userId, name, role, locations, expiresAt, isLocked } = person ?? nobody;
  return {
    userId,
    name: name ?? '',
    role,
    place: placeOf(person),
    locations: (locations ?? []).join(', '),
    expires: expiresAt === null ? '' : new Date(expiresAt).toISOString().slice(0, 10),
    isLocked,
    reason: '',
    pin: '',
  };
}

type Fields = ReturnType<typeof startOf>;

/** Adds a person, or changes what one may do. */
export function PersonQuestion({ person, fetcher, onClose }: Props) {
  const [fields, setFields] = useState(() => startOf(person));
  const change = (part: Partial<Fields>) => setFields((before) => ({ ...before, ...part }));
  const answer = fetcher.data;
  const send = () => {
    const { isLocked, place, ...rest } = fields;
    const asked = person === null ? { intent: 'add' } : { intent: 'change', staffId: person.staffId };
    // Fields that are not shown for an owner say nothing about one.
    const limits = fields.role === 'owner' ? { expires: '' } : isLocked ? { isLocked: 'on' } : {};
    fetcher.submit({ ...rest, ...asked, places: place, ...limits }, { method: 'post' });
  };
  return (
    <Modal
      open
      onClose={onClose}
      title={person === null ? 'Add a person' : personLabel(person)}
      primaryAction={{ content: 'Save', onAction: send, loading: fetcher.state !== 'idle' }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          {answer?.tone === 'critical' && answer.problems === undefined ? (
            <Banner tone="critical" title={answer.title} />
          ) : null}
          <PersonFields fields={fields} problems={answer?.problems ?? {}} isNew={person === null} onChange={change} />
          <StepUpField value={fields.pin} onChange={(pin) => change({ pin })} />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

type FieldsProps = {
  fields: Fields;
  problems: Record<string, string>;
  isNew: boolean;
  onChange: (part: Partial<Fields>) => void;
};

function PersonFields({ fields, problems, isNew, onChange }: FieldsProps) {
  const { role } = fields;
  return (
    <FormLayout>
      {isNew ? (
        <WordsField
          label="Number of the Shopify user"
          helpText="It stands at the end of the address when you open the person under Settings, Users in Shopify."
          lengthMax={20}
          value={fields.userId}
          onChange={(userId) => onChange({ userId })}
          error={problems['userId']}
        />
      ) : null}
      <WordsField
        label="What you call them"
        helpText="Shown on this page only, and kept encrypted."
        lengthMax={80}
        value={fields.name}
        onChange={(name) => onChange({ name })}
      />
      <ChoiceField
        label="Role"
        options={roleChoices}
        value={role}
        helpText={roleChoices.find(({ value }) => value === role)?.about ?? ''}
        onChange={(next) => onChange({ role: next })}
      />
      {role === 'owner' ? null : (
        <TextField
          label={role === 'auditor' ? 'Last day' : 'Last day (may stay empty)'}
          type="date"
          autoComplete="off"
          value={fields.expires}
          onChange={(expires) => onChange({ expires })}
          {...(problems['expiresAt'] === undefined ? {} : { error: problems['expiresAt'] })}
        />
      )}
      {role === 'auditor' ? null : (
        <ChoiceField
          label="Serves at tills"
          options={places}
          value={fields.place}
          onChange={(place) => onChange({ place })}
        />
      )}
      {role !== 'auditor' && fields.place === 'listed' ? (
        <WordsField
          label="Locations"
          helpText="Their numbers, with commas between. A number stands at the end of the address of a location in Shopify."
          lengthMax={2_400}
          value={fields.locations}
          onChange={(locations) => onChange({ locations })}
          error={problems['locations']}
        />
      ) : null}
      {isNew ? null : <ChangeFields fields={fields} problems={problems} onChange={onChange} />}
    </FormLayout>
  );
}

function ChangeFields({ fields, problems, onChange }: Omit<FieldsProps, 'isNew'>) {
  return (
    <>
      {fields.role === 'owner' ? null : (
        <Checkbox
          label="Locked out"
          helpText="They can open nothing here any more, from their next click on."
          checked={fields.isLocked}
          onChange={(isLocked) => onChange({ isLocked })}
          {...(problems['isLocked'] === undefined ? {} : { error: problems['isLocked'] })}
        />
      )}
      <WordsField
        label="Reason (kept in the audit log)"
        lengthMax={200}
        value={fields.reason}
        onChange={(reason) => onChange({ reason })}
      />
    </>
  );
}
