/** Wakes Apple devices, each under the certificate of its pass. */
import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';
import type { AppleIssuer } from '#app/gateways/apple-issuers.ts';

export type Addressee = { pushToken: string; passTypeIdentifier: string | null };
export type Pushed<Target> = { target: Target; issuer: AppleIssuer; outcome: PushOutcome };

/**
 * Pushes to all of them at once; the lanes themselves keep to Apple's limits. Answers lane by lane. Repeating a push is harmless. Throws
 * `Rejected` for a mistake of ours and `Unavailable` while no certificate is configured.
 */
export async function pushDevices<Target extends Addressee>(
  targets: readonly Target[],
  issuerOf: (passTypeIdentifier: string | null) => AppleIssuer,
): Promise<Pushed<Target>[]> {
  // Issuers first: where one is missing, nothing is under way yet that nobody would wait for.
  const addressed = targets.map((target) => ({ target, issuer: issuerOf(target.passTypeIdentifier) }));
  const lanes = Map.groupBy(addressed, ({ issuer }) => issuer);
  const pushed = await Promise.all(
    [...lanes].map(async ([issuer, those]) => {
      const tokens = those.map(({ target }) => target.pushToken);
      const outcomes = await issuer.apns().push(tokens, issuer.passTypeIdentifier);
      return those.flatMap(({ target }, place) => {
        const outcome = outcomes[place];
        return outcome === undefined ? [] : { target, issuer, outcome };
      });
    }),
  );
  return pushed.flat();
}

/** What pushes showed of their lanes: why Apple refuses the certificate, or null where it took one. No sign, no state. */
export function laneStates(
  pushed: readonly Pushed<unknown>[],
): { passTypeIdentifier: string; refusal: string | null }[] {
  const states = new Map<string, { passTypeIdentifier: string; refusal: string | null }>();
  for (const { issuer, outcome } of pushed) {
    const { passTypeIdentifier } = issuer;
    if (outcome.kind === 'accepted') states.set(passTypeIdentifier, { passTypeIdentifier, refusal: null });
    if (outcome.kind === 'certificate-refused')
      states.set(passTypeIdentifier, { passTypeIdentifier, refusal: outcome.reason });
  }
  return [...states.values()];
}
