import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import type { ActivityKind } from '#app/components/shopper/preferences/shapes.ts';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import type { Language } from '#app/domain/members/languages.ts';

export type ShownActivity = {
  subject: string;
  kind: ActivityKind;
  actor: string;
  occurredAt: Date;
  isReported: boolean;
};
export type ShownEntry = {
  subject: string;
  kind: keyof ShopperPhrases['kinds'];
  words: string;
  occurredAt: Date;
  isReported: boolean;
};

type Props = {
  action: string;
  language: Language;
  activity: ShownActivity[];
  entries: ShownEntry[];
  timeZone: string;
};

type Line = { subject: string; text: string; detail: string; occurredAt: Date; isReported: boolean };

/** What was done and what was booked, newest first, each line with a way to say that it was somebody else. */
export function ActivityLines({ action, language, activity, entries, timeZone }: Props) {
  const phrases = preferencePhrases[language];
  const lines: Line[] = [
    ...activity.map((line) => ({ ...line, text: phrases.kinds[line.kind], detail: actorText(line.actor, language) })),
    ...entries.map((entry) => ({
      ...entry,
      text: shopperPhrases[language].kinds[entry.kind],
      detail: entry.words,
    })),
  ].toSorted((one, other) => other.occurredAt.getTime() - one.occurredAt.getTime());
  return (
    <section aria-labelledby="activity-title">
      <h2 id="activity-title">{phrases.activity}</h2>
      <p className="hint">{lines.length === 0 ? phrases.noActivity : phrases.activityHint}</p>
      <ul className="lines">
        {lines.map((line) => (
          <ActivityLine key={line.subject} {...line} {...{ action, language, timeZone }} />
        ))}
      </ul>
    </section>
  );
}

function actorText(actor: string, language: Language): string {
  const { actors } = preferencePhrases[language];
  return actor === 'shopper' || actor === 'staff' || actor === 'api' ? actors[actor] : actors.system;
}

function ActivityLine(props: Line & { action: string; language: Language; timeZone: string }) {
  const { subject, text, detail, occurredAt, isReported, action, language, timeZone } = props;
  const phrases = preferencePhrases[language];
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  return (
    <li>
      <span>
        {text} <span className="part hint">{detail}</span>
        <time className="hint" dateTime={occurredAt.toISOString()}>
          {date.format(occurredAt)}
        </time>
      </span>
      {isReported ? (
        <span className="hint">{phrases.reported}</span>
      ) : (
        <form method="post" action={action} className="report">
          <input type="hidden" name="intent" value="report" />
          <button
            type="submit"
            name="subject"
            value={subject}
            className="quiet"
            aria-label={`${phrases.report}: ${text}`}
          >
            {phrases.report}
          </button>
        </form>
      )}
    </li>
  );
}
