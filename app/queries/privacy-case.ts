/** A privacy case for those outside. */
import { findCase, type PrivacyCase } from '#app/data/privacy/cases.ts';
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
