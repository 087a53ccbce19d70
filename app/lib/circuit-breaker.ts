/**
 * Stops calling an outside system that does not answer, so that its trouble does not become ours: a few failures in a row
 * open the circuit, and after a while one call goes ahead to see whether it may close again.
 */
import { Unavailable } from '#app/lib/errors.ts';

export type BreakerSettings = {
  /** How many failures in a row open it. */
  failuresMax: number;
  /** How long it stays open before one call is let through. */
  openMs: number;
  /** Which codes of `Unavailable` speak of the other side; all of them when left out. */
  counts?: (code: string) => boolean;
};

export type Breaker = {
  /**
   * Does the work, or throws `Unavailable` 'circuit-open' at once, with the time to come back, while the circuit is open.
   * Only `Unavailable` counts as a failure: whoever refuses is there.
   */
  run: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

/** A breaker whose circuit is closed. */
export function createBreaker({ failuresMax, openMs, counts = () => true }: BreakerSettings): Breaker {
  let failures = 0;
  let openUntilMs: number | null = null;
  let isTrying = false;

  const refuse = (nowMs: number): never => {
    const retryAfterMs = Math.max(1, Math.ceil((openUntilMs ?? nowMs) - nowMs));
    throw new Unavailable('circuit-open', 'An outside system did not answer for a while and is left in peace', {
      retryAfterMs,
    });
  };
  const fail = (): void => {
    failures += 1;
    if (isTrying || failures >= failuresMax) openUntilMs = performance.now() + openMs;
  };
  const succeed = (): void => {
    failures = 0;
    openUntilMs = null;
  };

  return {
    run: async (work) => {
      const nowMs = performance.now();
      if (openUntilMs !== null && (isTrying || nowMs < openUntilMs)) refuse(nowMs);
      const isTrial = openUntilMs !== null;
      isTrying = isTrying || isTrial;
      try {
        const result = await work();
        succeed();
        return result;
      } catch (error) {
        if (!(error instanceof Unavailable)) succeed();
        else if (counts(error.code)) fail();
        throw error;
      } finally {
        if (isTrial) isTrying = false;
      }
    },
  };
}

/** Breakers by name, for systems of which there are many. Past `namesMax` the one used longest ago is forgotten. */
export function createBreakers(settings: BreakerSettings & { namesMax: number }): (name: string) => Breaker {
  const breakers = new Map<string, Breaker>();
  return (name) => {
    const breaker = breakers.get(name) ?? createBreaker(settings);
    breakers.delete(name);
    breakers.set(name, breaker);
    const [oldest] = breakers.size > settings.namesMax ? breakers.keys() : [];
    if (oldest !== undefined) breakers.delete(oldest);
    return breaker;
  };
}
