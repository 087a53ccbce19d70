/** How many of a unit, in words. */
import type { Unit } from '#app/domain/programs/program.ts';

/** `1 stamp`, `10 points`. The unit's own label is kept when it is not the plain word. */
export function countedUnit(amount: number, unit: Pick<Unit, 'kind' | 'label'> | undefined): string {
  const number = new Intl.NumberFormat('en').format(amount);
  if (!unit) return number;
  const plain = `${unit.kind}s`;
  if (unit.label.toLowerCase() !== plain) return `${number} ${unit.label}`;
  return `${number} ${amount === 1 ? unit.kind : plain}`;
}
