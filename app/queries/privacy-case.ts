/** A privacy case for those outside. */
import { findCase, type PrivacyCase, readCaseAnswer } from '#app/data/privacy/cases.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** A case. Throws `NotFound`, also for another shop's. */
export async function privacyCase(shopId: ShopId, caseId: string): Promise<PrivacyCase> {
  return withShop(shopId, async (tx) => {
    const found = await findCase(tx, caseId);
    if (found === null)
      throw new NotFound('case-not-found', 'No such case', { publicMessage: 'There is no such request.' });
    return found;
  });
}

/** Throws `NotFound` when a case of this shop has no answer, or none any more. */
export async function demandAnswer(shopId: ShopId, caseId: string): Promise<void> {
  const answer = await withShop(shopId, async (tx) => {
    const found = await findCase(tx, caseId);
    return found === null ? null : readCaseAnswer(tx, found.caseId);
  });
  if (answer === null)
    throw new NotFound('case-file-not-found', 'The case has no such file', {
      publicMessage: 'There is no such file. Copies of data are deleted 30 days after a request was closed.',
    });
}
