/** Invitations: what a member hands on, and what greets the friend. */
import { invitePhrases } from '#app/components/shopper/invite-phrases.ts';
import type { Language } from '#app/domain/members/languages.ts';

export type ShownTerms = {
  friend: string | null;
  referrer: string | null;
  minimum: string | null;
  pendingDays: number;
};

export type ShownInvitation = { url: string; terms: ShownTerms };

/** The link can be selected and copied without scripts. */
export function InviteFriends({ invitation, language }: { invitation: ShownInvitation | null; language: Language }) {
  if (invitation === null) return null;
  const { url, terms } = invitation;
  const phrases = invitePhrases[language];
  return (
    <section aria-labelledby="invite-title">
      <h2 id="invite-title">{phrases.title}</h2>
      <ul className="offer">
        {terms.friend === null ? null : <li>{phrases.friendGets(terms.friend)}</li>}
        {terms.referrer === null ? null : <li>{phrases.youGet(terms.referrer)}</li>}
      </ul>
      <p className="hint" id="invite-when">
        {phrases.when({ minimum: terms.minimum, days: terms.pendingDays })}
      </p>
      <div className="field">
        <label htmlFor="invite-link">{phrases.link}</label>
        <input
          id="invite-link"
          type="text"
          readOnly
          value={url}
          autoComplete="off"
          spellCheck={false}
          aria-describedby="invite-hint invite-when"
        />
        <p className="hint" id="invite-hint">
          {phrases.text}
        </p>
      </div>
    </section>
  );
}

/** Who follows a link of invitation: `terms` is null when it does not count. */
export function InvitedBy({ terms, language }: { terms: ShownTerms | null; language: Language }) {
  const phrases = invitePhrases[language];
  if (terms === null) return <p className="lead">{phrases.inviteUnknown}</p>;
  return (
    <p className="lead">
      <strong>{phrases.invited(terms.friend)}</strong>
      {terms.friend === null ? null : <> {phrases.invitedWhen({ minimum: terms.minimum, days: terms.pendingDays })}</>}
    </p>
  );
}
