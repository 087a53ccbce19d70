/** A merchant chooses under which issuer new cards go out at Google. Saved cards stay where they are. */
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { bringClass } from '#app/data/cards/google-classes.ts';
import { readGoogleAccount, readGoogleIssuer, switchGoogleIssuer } from '#app/data/cards/google-issuers.ts';
import { googleTurns } from '#app/data/cards/google-turns.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { listPrograms, newestRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { GoogleAccount } from '#app/domain/cards/google-account.ts';
import { googleClassOf } from '#app/gateways/google-cards.ts';
import { googleWalletOf } from '#app/gateways/google-issuers.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, Rejected } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

const patienceMs = 5_000;
const timeoutMs = 5_000;

type Choice = {
  shopId: ShopId;
  /** The row's id, or 'platform'. */
  id: string;
  actor: string;
};

/**
 * Makes an issuer the one for new cards, after it has taken the designs of all live programs: an account that Google
 * refuses never replaces one that works. Safe to repeat, and to undo by choosing the one before. Throws `NotFound`,
 * `Conflict` while Google has not opened it, `InvalidInput` when Google refuses it, `Unavailable`.
 */
export async function chooseGoogleIssuer({ shopId, id, actor }: Choice): Promise<'in-use-already' | 'switched'> {
  if (id !== 'platform') await bringDesigns(shopId, await readUsable(shopId, id));
  return withShop(shopId, async (tx) => {
    if (!(await switchGoogleIssuer(tx, id === 'platform' ? null : id))) return 'in-use-already';
    await appendAudit(tx, {
      actor,
      action: 'google-issuer.switch',
      object: `google-issuer:${id}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
    return 'switched';
  });
}

async function readUsable(shopId: ShopId, id: string): Promise<GoogleAccount | null> {
  return withShop(shopId, async (tx) => {
    const issuer = await readGoogleIssuer(tx, id);
    if (issuer.access !== 'live')
      throw new Conflict('google-issuer-not-live', `The issuer is ${issuer.access}`, {
        publicMessage: 'Google has not opened this issuer yet: shoppers could not save a card.',
      });
    return readGoogleAccount(tx, issuer.issuerId);
  });
}

async function bringDesigns(shopId: ShopId, account: GoogleAccount | null): Promise<void> {
  const wallet = googleWalletOf(account);
  if (wallet === null) return;
  const { issuerId } = wallet;
  const google = wallet.paced({ ...googleTurns(issuerId, { isBulk: false, patienceMs }), timeoutMs });
  const programs = (await withShop(shopId, listPrograms)).filter(({ state }) => state === 'live');
  for (const { programId } of programs) {
    const { version, design } = await withShop(shopId, async (tx) => ({
      version: await newestRuleVersion(tx, programId),
      design: await newestCardDesign(tx, programId),
    }));
    if (version === null || design === null) continue;
    const content = googleClassOf(google, { programId, document: version.document, design });
    // Sent in any case: an account may have been exchanged since.
    await google.upsertClass(content).catch(refuse);
    await bringClass(
      shopId,
      { programId, designNumber: design.number, issuerId },
      { content, at: now(), send: () => Promise.resolve() },
    );
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof Rejected)) throw error;
  const message =
    'Google refuses this account or its card. Add the account to the issuer as a user in the Google Pay & Wallet console.';
  throw new InvalidInput('google-account-refused', 'Google refuses the account for this issuer', {
    publicMessage: message,
    issues: [{ path: 'account', message }],
    cause: error,
  });
}
