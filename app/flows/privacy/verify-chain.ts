/** Checks a shop's consent or audit chain from its first record that is kept to its head. It never repairs. */
import { type AuditVerdict, verifyAuditChain } from '#app/data/privacy/audit-verifier.ts';
import type { ConsentRootPayload } from '#app/data/privacy/consent-roots.ts';
import { type ConsentVerdict, verifyConsentChain } from '#app/data/privacy/consent-verifier.ts';
import type { ChainLink } from '#app/domain/privacy/chain-walk.ts';
import { now } from '#app/lib/clock.ts';
import type { PublicJwk } from '#app/lib/derived-signing-key.ts';
import type { Signed } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Verifies a chain and names the first record that is missing, changed, inserted or out of place. Without our public keys
 * the signed heads of audit months and the signed roots of consents are compared with the records, but their signatures are
 * left unchecked. `roots` are signed roots of consents that were kept elsewhere. Safe to repeat, also meanwhile.
 */
export async function verifyChain(asked: {
  shopId: ShopId;
  chain: 'consent' | 'audit';
  publicKeys?: PublicJwk[] | null;
  /** Of the audit chain: a head that was taken earlier and kept elsewhere. */
  knownHead?: ChainLink | null;
  roots?: Signed<ConsentRootPayload>[];
}): Promise<AuditVerdict | ConsentVerdict> {
  const { shopId, chain, publicKeys = null, knownHead = null, roots = [] } = asked;
  return chain === 'consent'
    ? verifyConsentChain({ shopId, publicKeys, roots })
    : verifyAuditChain({ shopId, publicKeys, knownHead, at: now() });
}
