/** A day and a month, for those who want to give them. */
import { birthdayPhrases } from '#app/components/shopper/birthday-phrases.ts';
import type { BirthdayProblem } from '#app/domain/members/birthday.ts';
import type { Language } from '#app/domain/members/languages.ts';

type Props = {
  language: Language;
  optional: string;
  entered: { day: string; month: string };
  problem: BirthdayProblem | null;
  /** Whether this is the first field with a problem. */
  isFirstProblem: boolean;
};

const days = Array.from({ length: 31 }, (_, index) => String(index + 1));
const months = Array.from({ length: 12 }, (_, index) => index);

export function birthdayProblemText(problem: BirthdayProblem, language: Language): string {
  const phrases = birthdayPhrases[language];
  return problem === 'half' ? phrases.half : phrases.noDay;
}

export function BirthdayFields({ language, optional, entered, problem, isFirstProblem }: Props) {
  const phrases = birthdayPhrases[language];
  const monthName = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' });
  const monthOptions = months.map((month) => ({
    value: String(month + 1),
    label: monthName.format(new Date(Date.UTC(2024, month, 1))),
  }));
  const isDayWrong = problem === 'no-day' || (problem === 'half' && entered.day === '');
  const isMonthWrong = problem === 'no-day' || (problem === 'half' && entered.month === '');
  const shared = {
    none: phrases.none,
    describedBy: problem === null ? 'birthday-why' : 'birthday-problem birthday-why',
  };
  return (
    <fieldset aria-describedby="birthday-why">
      <legend>
        {phrases.birthday} <span className="hint">({optional})</span>
      </legend>
      <p className="hint" id="birthday-why">
        {phrases.why}
      </p>
      {problem === null ? null : (
        <p className="problem" id="birthday-problem">
          {birthdayProblemText(problem, language)}
        </p>
      )}
      <div className="pair">
        <Choice
          {...shared}
          {...{ id: 'birthday-day', name: 'birthdayDay', label: phrases.day, autoComplete: 'bday-day' }}
          options={days.map((day) => ({ value: day, label: day }))}
          chosen={entered.day}
          isWrong={isDayWrong}
          hasFocus={isFirstProblem && isDayWrong}
        />
        <Choice
          {...shared}
          {...{ id: 'birthday-month', name: 'birthdayMonth', label: phrases.month, autoComplete: 'bday-month' }}
          options={monthOptions}
          chosen={entered.month}
          isWrong={isMonthWrong}
          hasFocus={isFirstProblem && isMonthWrong && !isDayWrong}
        />
      </div>
    </fieldset>
  );
}

type ChoiceProps = {
  id: string;
  name: string;
  label: string;
  autoComplete: string;
  options: { value: string; label: string }[];
  none: string;
  chosen: string;
  isWrong: boolean;
  hasFocus: boolean;
  describedBy: string;
};

function Choice(props: ChoiceProps) {
  const { id, name, label, autoComplete, options, none, chosen, isWrong, hasFocus, describedBy } = props;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        autoComplete={autoComplete}
        defaultValue={chosen}
        aria-describedby={describedBy}
        {...(isWrong ? { 'aria-invalid': true } : {})}
        {...(hasFocus ? { autoFocus: true } : {})}
      >
        <option value="">{none}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
