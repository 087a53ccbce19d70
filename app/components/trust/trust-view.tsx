import type { ReactNode } from 'react';

import { countryName } from '#app/domain/country-names.ts';
import type { Trust } from '#app/contracts/trust.ts';

const areas: { prefix: string; title: string; lead: string }[] = [
  { prefix: 'L', title: 'The service', lead: 'What merchants and their members may expect of it.' },
  { prefix: 'K', title: 'Personal data', lead: 'As little as possible, for as few eyes as possible.' },
  { prefix: 'W', title: 'Cards and companies', lead: 'What leaves us, where it goes, and how long anything is kept.' },
  { prefix: 'F', title: 'Against abuse', lead: 'Points are money: they are guarded like money.' },
  { prefix: 'C', title: 'The installation', lead: 'How it is run.' },
];

const hoursPerDay = 24;
const hoursPerYear = 365.25 * hoursPerDay;

const words = { kept: 'kept', partly: 'in part', 'not yet': 'not yet' } as const;

const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Whole years with their leap days, days, or hours. */
function days(hours: number): string {
  const years = Math.round(hours / hoursPerYear);
  if (years > 0 && Math.abs(hours - years * hoursPerYear) < hoursPerDay) return counted(years, 'year');
  return hours % hoursPerDay === 0 ? counted(hours / hoursPerDay, 'day') : counted(hours, 'hour');
}

function Claims({ claims, prefix }: { claims: Trust['claims']; prefix: string }) {
  return (
    <ul className="claims">
      {claims
        .filter(({ id }) => id.startsWith(prefix))
        .map(({ id, claim, status, tests, missing }) => (
          <li key={id} id={id} className={`claim claim-${status.replace(' ', '-')}`}>
            <span className="claim-id">{id}</span>
            <div className="claim-text">
              <p>{claim}</p>
              {missing === null ? null : <p className="hint">Missing: {missing}</p>}
              {tests.length === 0 ? null : (
                <details>
                  <summary>{counted(tests.length, 'test')}</summary>
                  <ul>
                    {tests.map((test) => (
                      <li key={test} className="hint">
                        {test}
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </div>
            <span className="claim-status">{words[status]}</span>
          </li>
        ))}
    </ul>
  );
}

/** How far it goes, at a glance: the bar says the same as the figures below it. */
function Summary({ summary }: Pick<Trust, 'summary'>) {
  const parts = [
    { key: 'kept', count: summary.kept },
    { key: 'partly', count: summary.partly },
    { key: 'not yet', count: summary.notYet },
  ] as const;
  return (
    <div className="summary">
      <div className="summary-bar" aria-hidden="true">
        {parts.map(({ key, count }) => (
          <span key={key} className={`summary-${key.replace(' ', '-')}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <dl>
        {parts.map(({ key, count }) => (
          <div key={key} className={`summary-${key.replace(' ', '-')}`}>
            <dt>{words[key]}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Facts({ trust }: { trust: Trust }) {
  const { encryption, sessions, backups } = trust;
  const facts = [
    ['In transit', encryption.inTransit],
    ['At rest', encryption.atRest],
    ['Signatures', encryption.signatures],
    ['API secrets and PINs', encryption.secrets],
    ['API tokens live for', `${sessions.accessTokenMinutes} minutes`],
    ['Backups are kept for', `${backups.keptDays} days; who was erased stays erased when one is restored`],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A table wider than a phone moves by itself, also with the keyboard. */
function Scrolling({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="table-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

const issuerWords = {
  registered: 'registered',
  ended: 'the registration has ended',
  'stand-in': 'a stand-in: this system makes no real cards',
  'not registered': 'not registered',
} as const;

function Issuers({ issuers }: { issuers: Trust['issuers'] }) {
  return (
    <dl className="facts">
      {issuers.map(({ wallet, state, issuer, validUntil }) => (
        <div key={wallet}>
          <dt>{wallet}</dt>
          <dd>
            {issuerWords[state]}
            {issuer === null ? '' : `, as ${issuer}`}
            {validUntil === null ? '' : `, until ${validUntil.slice(0, 10)}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Retention({ retention }: { retention: Trust['retention'] }) {
  return (
    <Scrolling label="How long things are kept">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Kept for</th>
          </tr>
        </thead>
        <tbody>
          {retention.map((line) => (
            <tr key={line.class}>
              <td>{line.class}</td>
              <td>{days(line.hours)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

function SubProcessors({ subProcessors }: { subProcessors: Trust['subProcessors'] }) {
  return (
    <Scrolling label="Who works for us">
      <table>
        <thead>
          <tr>
            <th scope="col">Company</th>
            <th scope="col">For</th>
            <th scope="col">Gets</th>
            <th scope="col">Where</th>
            <th scope="col">Guarantee</th>
          </tr>
        </thead>
        <tbody>
          {subProcessors.map(({ name, purpose, data, countries, guarantee }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{purpose}</td>
              <td>{data}</td>
              <td>{countries.map(countryName).join(', ')}</td>
              <td>{guarantee}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

function PersonalData({ tables }: { tables: Trust['personalData'] }) {
  return (
    <Scrolling label="Personal data">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Fields</th>
            <th scope="col">For</th>
            <th scope="col">Because of</th>
          </tr>
        </thead>
        <tbody>
          {tables.map(({ table, holds, fields, purpose, basis }) => (
            <tr key={table}>
              <td>{holds}</td>
              <td>{fields.join(', ')}</td>
              <td>{purpose}</td>
              <td>{basis}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  );
}

/** Everything we promise, each promise with its tests, and what it rests on. */
export function TrustView({ trust }: { trust: Trust }) {
  const { summary, claims, agreement } = trust;
  return (
    <div className="panel trust">
      <h1>What you can trust</h1>
      <p className="lead">
        {counted(claims.length, 'promise')}, each with an id and the tests that show it. What is missing is said, too.
        For machines: <a href="/trust.json">trust.json</a>.
      </p>
      <Summary summary={summary} />
      {areas.map(({ prefix, title, lead }) => (
        <section key={prefix} aria-labelledby={`area-${prefix}`}>
          <h2 id={`area-${prefix}`}>{title}</h2>
          <p className="hint">{lead}</p>
          <Claims claims={claims} prefix={prefix} />
        </section>
      ))}
      <h2>Encryption and sessions</h2>
      <Facts trust={trust} />
      <h2>Who issues the cards</h2>
      <Issuers issuers={trust.issuers} />
      <h2>How long things are kept</h2>
      <Retention retention={trust.retention} />
      <h2>Personal data</h2>
      <PersonalData tables={trust.personalData} />
      <h2>Who works for us</h2>
      {agreement === null ? null : (
        <p className="hint">
          Version {agreement.version} of {agreement.publishedAt.slice(0, 10)}, in force from{' '}
          {agreement.countsFrom.slice(0, 10)}.
        </p>
      )}
      <SubProcessors subProcessors={trust.subProcessors} />
      <footer>
        <a href="/security-report">Report a weakness</a> · <a href="/.well-known/security.txt">security.txt</a> ·{' '}
        <a href="/status.json">How the service is</a> ·{' '}
        <a href="/.well-known/evidence-keys.json">Keys of our signatures</a>
      </footer>
    </div>
  );
}
