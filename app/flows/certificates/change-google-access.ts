/** The onboarding of a shop's issuer at Google: for testers only, asked for more, open to everybody. */
import { type GoogleAccess, readGoogleIssuer, setGoogleAccess } from '#app/data/cards/google-issuers.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** What may follow: Google is asked first, and may say no. */
const next: Readonly<Record<GoogleAccess, GoogleAccess[]>> = {
  demo: ['requested'],
  requested: ['live', 'demo'],
  live: [],
};

/** Notes how far Google has opened an issuer. Safe to repeat. Throws `NotFound`, and `Conflict` for a step that is none. */
export async function changeGoogleAccess({
  shopId,
  id,
  access,
  actor,
}: {
  shopId: ShopId;
  id: string;
  access: GoogleAccess;
  actor: string;
}): Promise<void> {
  await withShop(shopId, async (tx) => {
    const issuer = await readGoogleIssuer(tx, id);
    if (issuer.access === access) return;
    if (!next[issuer.access].includes(access))
      throw new Conflict('google-access-step', `From ${issuer.access} there is no step to ${access}`, {
        publicMessage: 'Ask Google for publishing access first, then note what Google answered.',
      });
    await setGoogleAccess(tx, id, access);
    await appendAudit(tx, {
      actor,
      action: 'google-issuer.access',
      object: `google-issuer:${id}`,
      beforeHash: null,
      afterHash: null,
      reason: access,
      occurredAt: now(),
    });
  });
}
