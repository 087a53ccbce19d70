import { Form } from '@remix-run/react';

import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';

export type ReportEntries = { what: string; where: string; contact: string };

/** The form for people who found a weakness. It works without scripts. */
export function ReportView({ problem, entries }: { problem: string | null; entries: ReportEntries | null }) {
  return (
    <ShopperPage>
      <Form method="post" className="panel" reloadDocument>
        <h1>Report a weakness</h1>
        <p className="lead">
          Tell us what you found and how to see it. We answer within two working days, and we take no legal steps
          against anybody who acts in good faith, leaves other people’s data alone and gives us time to mend it.
        </p>
        {problem === null ? null : (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <div className="field">
          <label htmlFor="what">What did you find, and how can we see it?</label>
          <textarea
            id="what"
            name="what"
            rows={8}
            required
            minLength={20}
            maxLength={20_000}
            defaultValue={entries?.what}
          />
        </div>
        <div className="field">
          <label htmlFor="where">Where? A page, an address, a file</label>
          <input id="where" name="where" maxLength={500} defaultValue={entries?.where} />
        </div>
        <div className="field">
          <label htmlFor="contact">How can we reach you? Only if you want an answer</label>
          <input id="contact" name="contact" maxLength={320} defaultValue={entries?.contact} autoComplete="email" />
        </div>
        <button type="submit">Send the report</button>
        <p className="hint">
          The report is kept encrypted. <a href="/trust">What we promise</a>
        </p>
      </Form>
    </ShopperPage>
  );
}
