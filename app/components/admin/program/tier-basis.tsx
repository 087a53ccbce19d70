import { ChoiceField, NumberField } from '#app/components/admin/fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import type { ProgramDocument, Tiers } from '#app/domain/programs/program.ts';

type Props = Editing<Tiers> & { document: ProgramDocument };
type Window = Tiers['window'];
type WindowChoice = 'rolling' | 'month' | 'quarter' | 'year' | 'lifetime';

const windows: { value: WindowChoice; label: string }[] = [
  { value: 'rolling', label: 'the last months' },
  { value: 'month', label: 'a calendar month' },
  { value: 'quarter', label: 'a calendar quarter' },
  { value: 'year', label: 'a calendar year' },
  { value: 'lifetime', label: 'all their time' },
];

function windowOf(choice: WindowChoice): Window {
  if (choice === 'rolling') return { kind: 'rolling', months: 12 };
  return choice === 'lifetime' ? { kind: 'lifetime' } : { kind: 'calendar', period: choice };
}

/** What counts towards a tier, over what time, and how long it is kept. */
export function TierBasis({ value: tiers, problems, document, onChange }: Props) {
  const { qualifiesBy, window } = tiers;
  const bases = [
    ...document.units.map(({ id, label }) => ({ value: `unit:${id}`, label: `${label} they earned` })),
    { value: 'spend', label: 'money they spent' },
    { value: 'orders', label: 'orders they placed' },
  ];
  const basis = qualifiesBy.kind === 'unit' ? `unit:${qualifiesBy.unit}` : qualifiesBy.kind;
  const changeBasis = (chosen: string) => {
    if (chosen === 'spend' || chosen === 'orders') onChange({ ...tiers, qualifiesBy: { kind: chosen } });
    else onChange({ ...tiers, qualifiesBy: { kind: 'unit', unit: chosen.replace('unit:', '') } });
  };
  return (
    <div className="sentence">
      <span className="word">Members qualify by the</span>
      <div className="sentence-choice">
        <ChoiceField
          label="Members qualify by"
          isLabelHidden
          options={bases}
          value={basis}
          error={problems['tiers.qualifiesBy']}
          onChange={changeBasis}
        />
      </div>
      <span className="word">within</span>
      <div className="sentence-choice">
        <ChoiceField
          label="Within"
          isLabelHidden
          options={windows}
          value={window.kind === 'calendar' ? window.period : window.kind}
          onChange={(choice) => onChange({ ...tiers, window: windowOf(choice) })}
        />
      </div>
      {window.kind === 'rolling' ? (
        <>
          <div className="sentence-number">
            <NumberField
              label="Months that count"
              isLabelHidden
              min={1}
              max={36}
              value={window.months}
              error={problems['tiers.window.months']}
              onChange={(months) => onChange({ ...tiers, window: { kind: 'rolling', months } })}
            />
          </div>
          <span className="word">months</span>
        </>
      ) : null}
      {window.kind === 'lifetime' ? null : <Grace value={tiers} problems={problems} onChange={onChange} />}
    </div>
  );
}

function Grace({ value: tiers, problems, onChange }: Omit<Editing<Tiers>, 'path'>) {
  return (
    <>
      <span className="word">and keep a tier</span>
      <div className="sentence-number">
        <NumberField
          label="Days a tier is kept longer"
          isLabelHidden
          min={0}
          max={366}
          value={tiers.graceDays}
          error={problems['tiers.graceDays']}
          onChange={(graceDays) => onChange({ ...tiers, graceDays })}
        />
      </div>
      <span className="word">days longer.</span>
    </>
  );
}
