/** Somebody found a weakness and tells us: it is kept, and whoever keeps watch gets a mail. */
import { z } from 'zod';

import { addDisclosure, listDisclosures, markDisclosuresTold } from '#app/data/system/disclosures.ts';
import { canSendMail, sendMail } from '#app/gateways/mail.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { newId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

const reportSchema = z.strictObject({
  what: z.string().trim().min(20).max(20_000),
  where: z.string().trim().max(500),
  contact: z.string().trim().max(320),
});

/** At most so many are told of at once; the others go with the next. */
const toldMax = 20;

/** Keeps a report and answers its number. Throws `InvalidInput` that names the field. */
export async function reportWeakness(given: { what: string; where: string; contact: string }): Promise<string> {
  const parsed = reportSchema.safeParse(given);
  if (!parsed.success)
    throw new InvalidInput('bad-report', 'A security report was not complete', {
      publicMessage: 'Please describe what you found in 20 to 20,000 characters.',
      issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    });
  const reportId = newId();
  await addDisclosure(reportId, parsed.data, now());
  log.warn('a security report came in', { code: 'security-report' });
  return reportId;
}

/** Mails every report that nobody was told of yet; where mail is not set up they wait. Safe to repeat. */
export async function tellOfReports(): Promise<void> {
  const contact = env().SECURITY_CONTACT;
  if (contact?.startsWith('mailto:') !== true || !canSendMail()) return;
  const untold = (await listDisclosures(toldMax)).filter(({ toldAt }) => toldAt === null);
  for (const { reportId, what, where, contact: reporter } of untold) {
    await sendMail({
      to: contact.slice('mailto:'.length),
      subject: `Security report ${reportId}`,
      text: `${what}\n\nWhere: ${where || 'not said'}\nContact: ${reporter || 'none given'}\n`,
    });
    await markDisclosuresTold([reportId], now());
  }
}
