import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { type Channel, channels, type Purpose, purposes } from '#app/components/shopper/preferences/shapes.ts';
import type { ConsentWording } from '#app/domain/members/consent-wording.ts';
import type { Language } from '#app/domain/members/languages.ts';

export type ShownConsent = {
  purpose: Purpose;
  channel: Channel;
  granted: boolean;
  confirmation: 'asked' | 'confirmed' | null;
  occurredAt: Date;
};

type Props = {
  action: string;
  language: Language;
  wording: ConsentWording;
  consents: ShownConsent[];
  /** Channels there is no address for. */
  closed: Channel[];
  timeZone: string;
};

/** Each purpose with the words themselves, and a tick for each channel. Plain, so that it works without scripts. */
export function ConsentChoices(props: Props) {
  const { action, language, wording, closed } = props;
  const phrases = preferencePhrases[language];
  return (
    <section aria-labelledby="consents-title">
      <h2 id="consents-title">{phrases.consents}</h2>
      <p className="hint">{phrases.consentsHint}</p>
      <form method="post" action={action}>
        <input type="hidden" name="intent" value="consents" />
        <input type="hidden" name="wording" value={wording.version} />
        {purposes.map((purpose) => (
          <fieldset key={purpose}>
            <legend>{phrases.purposes[purpose]}</legend>
            <p className="hint">{wording[purpose]}</p>
            {channels.map((channel) => (
              <ChannelTick key={channel} {...props} purpose={purpose} channel={channel} />
            ))}
          </fieldset>
        ))}
        {closed.length === 0 ? null : <p className="hint">{phrases.notListed}</p>}
        <button type="submit">{phrases.save}</button>
      </form>
    </section>
  );
}

function ChannelTick(props: Props & { purpose: Purpose; channel: Channel }) {
  const { language, consents, closed, timeZone, purpose, channel } = props;
  const phrases = preferencePhrases[language];
  const given = consents.find((consent) => consent.purpose === purpose && consent.channel === channel);
  const isWaiting = given?.confirmation === 'asked' && !given.granted;
  const isTicked = given?.granted === true || isWaiting;
  // A channel without an address cannot be chosen, but what was chosen can always be taken back.
  if (closed.includes(channel) && !isTicked) return null;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone });
  return (
    <label className="tick">
      <input type="checkbox" name={`${purpose}:${channel}`} value="yes" defaultChecked={isTicked} />
      <span>
        {phrases.channels[channel]}{' '}
        <span className="hint">
          {isWaiting ? phrases.waiting : null}
          {given?.granted === true ? phrases.since(date.format(given.occurredAt)) : null}
        </span>
      </span>
    </label>
  );
}
