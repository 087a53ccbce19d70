import { ChoiceField, NumberField } from '#app/components/admin/fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import type { Expiry, ProgramSettings } from '#app/domain/programs/program.ts';

const modes: { value: Expiry['mode']; label: string }[] = [
  { value: 'none', label: 'never' },
  { value: 'rolling', label: 'counted from when it was earned' },
  { value: 'sliding', label: 'counted from when the member last earned or spent' },
  { value: 'calendar', label: 'at the end of a calendar period' },
];

const periods = [
  { value: 'month', label: 'the month' },
  { value: 'quarter', label: 'the quarter' },
  { value: 'year', label: 'the year' },
] as const;

function expiryOfMode(mode: Expiry['mode']): Expiry {
  if (mode === 'none') return { mode };
  return mode === 'calendar' ? { mode, period: 'year', graceDays: 0 } : { mode, months: 12 };
}

/** `What members collect expires [some months after it was earned]: [12] months; the card says so [30] days before.` */
export function ExpiryFields({ value: settings, path, problems, onChange }: Editing<ProgramSettings>) {
  const { expiry } = settings;
  const change = (changed: Expiry) => onChange({ ...settings, expiry: changed });
  return (
    <div className="sentence">
      <span className="word">What members collect expires</span>
      <div className="sentence-wide">
        <ChoiceField
          label="When it expires"
          isLabelHidden
          options={modes}
          value={expiry.mode}
          onChange={(mode) => change(expiryOfMode(mode))}
        />
      </div>
      {expiry.mode === 'rolling' || expiry.mode === 'sliding' ? (
        <>
          <span className="word">after</span>
          <div className="sentence-number">
            <NumberField
              label="Months until it expires"
              isLabelHidden
              min={1}
              max={120}
              value={expiry.months}
              error={problems[`${path}.expiry.months`]}
              onChange={(months) => change({ ...expiry, months })}
            />
          </div>
          <span className="word">months</span>
        </>
      ) : null}
      {expiry.mode === 'calendar' ? <Period value={expiry} path={path} problems={problems} onChange={change} /> : null}
      {expiry.mode === 'none' ? null : (
        <>
          <span className="word">and the card says so</span>
          <div className="sentence-number">
            <NumberField
              label="Days of notice before it expires"
              isLabelHidden
              min={1}
              max={90}
              value={settings.expiryNoticeDays}
              error={problems[`${path}.expiryNoticeDays`]}
              onChange={(expiryNoticeDays) => onChange({ ...settings, expiryNoticeDays })}
            />
          </div>
          <span className="word">days before.</span>
        </>
      )}
    </div>
  );
}

type Calendar = Extract<Expiry, { mode: 'calendar' }>;

function Period({ value: expiry, path, problems, onChange }: Editing<Calendar>) {
  return (
    <>
      <span className="word">of</span>
      <div className="sentence-unit">
        <ChoiceField
          label="Which period"
          isLabelHidden
          options={periods}
          value={expiry.period}
          onChange={(period) => onChange({ ...expiry, period })}
        />
      </div>
      <span className="word">plus</span>
      <div className="sentence-number">
        <NumberField
          label="Days of grace"
          isLabelHidden
          min={0}
          max={366}
          value={expiry.graceDays}
          error={problems[`${path}.expiry.graceDays`]}
          onChange={(graceDays) => onChange({ ...expiry, graceDays })}
        />
      </div>
      <span className="word">days</span>
    </>
  );
}
