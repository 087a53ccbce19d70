import { ChoiceList, TextField } from '@shopify/polaris';

import { type ProgramChoice, scopeInWords } from '#app/components/admin/api-clients/api-client-shapes.ts';
import { allPrograms, choosePrograms, type ClientDraft } from '#app/components/admin/api-clients/client-draft.ts';
import { WordsField } from '#app/components/admin/fields.tsx';
import { apiClientLimits } from '#app/domain/access/api-client-terms.ts';

type Props = {
  draft: ClientDraft;
  onChange: (part: Partial<ClientDraft>) => void;
  programs: ProgramChoice[];
  scopes: readonly string[];
  problems: Record<string, string>;
};

/** What it is called, what it may do, and for which programs. */
export function ReachFields({ draft, onChange, programs, scopes, problems }: Props) {
  return (
    <>
      <WordsField
        label="Name"
        value={draft.name}
        onChange={(name) => onChange({ name })}
        lengthMax={apiClientLimits.nameLengthMax}
        error={problems['name']}
        helpText="Who uses it, for your own list."
      />
      <ChoiceList
        allowMultiple
        title="What it may do"
        choices={scopes.map((scope) => ({ value: scope, label: scopeInWords(scope) }))}
        selected={draft.scopes}
        onChange={(chosen) => onChange({ scopes: chosen })}
        error={problems['scopes'] ?? ''}
      />
      <ChoiceList
        allowMultiple
        title="For which programs"
        choices={[
          { value: allPrograms, label: 'All of them, new ones too' },
          ...programs.map(({ programId, name }) => ({ value: programId, label: name })),
        ]}
        selected={draft.programs}
        onChange={(chosen) => onChange({ programs: choosePrograms(draft.programs, chosen) })}
        error={problems['programIds'] ?? ''}
      />
    </>
  );
}

/** From where, how fast, how long. */
export function BoundFields({ draft, onChange, problems }: Omit<Props, 'programs' | 'scopes'>) {
  return (
    <>
      <WordsField
        label="Networks it calls from"
        value={draft.networks}
        onChange={(networks) => onChange({ networks })}
        lengthMax={3_000}
        lines={3}
        placeholder="Anywhere"
        error={problems['networks']}
        helpText="One a line, such as 203.0.113.0/24 or 2001:db8:7::/48. Calls from elsewhere are refused and stand in the audit."
      />
      <TextField
        label="Calls a second, at most"
        type="number"
        inputMode="numeric"
        autoComplete="off"
        min={1}
        max={apiClientLimits.requestsPerSecondMax}
        placeholder="As everybody"
        value={draft.pace}
        onChange={(pace) => onChange({ pace })}
        error={problems['requestsPerSecond'] ?? ''}
      />
      <TextField
        label="Ends on"
        type="date"
        autoComplete="off"
        value={draft.expiresOn}
        onChange={(expiresOn) => onChange({ expiresOn })}
        error={problems['expiresAt'] ?? ''}
        helpText="Empty: until you revoke it."
      />
    </>
  );
}
