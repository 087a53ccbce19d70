import type { ActionFunctionArgs, MetaFunction } from '@remix-run/node';
import { data, useActionData } from '@remix-run/react';

import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { type ReportEntries, ReportView } from '#app/components/trust/report-view.tsx';
import { reportWeakness, tellOfReports } from '#app/flows/security/report-weakness.ts';
import { isFailure } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';
import { textField } from '#app/web/admin-forms.ts';
import { readForm } from '#app/web/limited-form.ts';
import { forPage } from '#app/web/page-failure.ts';
import { describeFailure } from '#app/web/problem.ts';
import { countSecurityReport } from '#app/web/sign-up-limits.ts';

const formBytesMax = 64 * 1024;

export const meta: MetaFunction = () => [{ title: 'Report a weakness · Stampwell' }];

type Answer = { reportId: string } | { problem: string; entries: ReportEntries };

export async function action({ request, context }: ActionFunctionArgs) {
  const form = await forPage(() => readForm(request, formBytesMax));
  const entries = {
    what: textField(form, 'what', 20_001),
    where: textField(form, 'where', 500),
    contact: textField(form, 'contact', 320),
  };
  try {
    await countSecurityReport({ address: context.clientAddress });
    const reportId = await reportWeakness(entries);
    // The page does not wait for a mail server.
    tellOfReports().catch((error: unknown) => log.error('nobody could be told of a security report', { error }));
    return data<Answer>({ reportId });
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { status, problem, headers } = describeFailure(error);
    return data<Answer>({ problem: problem.detail ?? problem.title, entries }, { status, headers });
  }
}

export default function SecurityReportPage() {
  const answer = useActionData<typeof action>();
  if (answer !== undefined && 'reportId' in answer)
    return (
      <MessagePage
        title="Thank you"
        text={`Your report has the number ${answer.reportId}. We look at every one within two working days.`}
      />
    );
  return <ReportView problem={answer?.problem ?? null} entries={answer?.entries ?? null} />;
}
