/** Lots for tests: as one accrual leaves them. */
import type { Lot } from '#app/domain/ledger/lots.ts';

export const accruedAt = new Date('2026-01-01T00:00:00Z');

/** A lot with so much left. */
export function lot(lotId: string, remaining: number, overrides: Partial<Lot> = {}): Lot {
  return {
    lotId,
    remaining,
    consumed: 0,
    expired: 0,
    reversed: 0,
    writtenOff: 0,
    accruedAt,
    availableAt: accruedAt,
    expiresAt: null,
    ...overrides,
  };
}
