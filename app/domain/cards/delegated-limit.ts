/** How many cards a shop may have out under the platform's own certificate and issuer. */
export type Plan = 'starter' | 'growth' | 'scale';

/** Per wallet; null is no limit. A shop with a certificate of its own has none on any plan. */
export const delegatedPassesMax: Readonly<Record<Plan, number | null>> = {
  starter: 2_000,
  growth: 25_000,
  scale: null,
};
