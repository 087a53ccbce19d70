/** How many of a unit, in words. */
import type { Language } from '#app/domain/members/languages.ts';
import type { Unit } from '#app/domain/programs/program.ts';

/** `1 stamp`, `10 points`. The unit's own label is kept when it is not the plain word. */
export function countedUnit(amount: number, unit: Pick<Unit, 'kind' | 'label'> | undefined): string {
  const number = new Intl.NumberFormat('en').format(amount);
  if (!unit) return number;
  const plain = `${unit.kind}s`;
  if (unit.label.toLowerCase() !== plain) return `${number} ${unit.label}`;
  return `${number} ${amount === 1 ? unit.kind : plain}`;
}

type Named = Pick<Unit, 'kind' | 'label'>;
type Plain = { stamp: [string, string]; point: [string, string] };

/** One and many. Only a unit that still has the name we gave it is translated; a merchant's own word stays. */
const plainUnits: Record<Language, Plain> = {
  en: { stamp: ['stamp', 'stamps'], point: ['point', 'points'] },
  de: { stamp: ['Stempel', 'Stempel'], point: ['Punkt', 'Punkte'] },
  fr: { stamp: ['tampon', 'tampons'], point: ['point', 'points'] },
  es: { stamp: ['sello', 'sellos'], point: ['punto', 'puntos'] },
  nl: { stamp: ['stempel', 'stempels'], point: ['punt', 'punten'] },
};

/** `stamp`, `Punkte`: what so many of a unit are called. */
export function unitWord(language: Language, amount: number, unit: Named): string {
  if (unit.label.toLowerCase() !== `${unit.kind}s`) return unit.label;
  const [one, many] = plainUnits[language][unit.kind];
  return Math.abs(amount) === 1 ? one : many;
}

/** `1 Stempel`, `10 puntos`: so many of a unit as shoppers of a language read it. */
export function countedIn(language: Language, amount: number, unit: Named): string {
  return `${new Intl.NumberFormat(language).format(amount)} ${unitWord(language, amount, unit)}`;
}

/** `+1 Stempel`, `-10 puntos`: the same as a change. */
export function changeIn(language: Language, amount: number, unit: Named): string {
  const number = new Intl.NumberFormat(language, { signDisplay: 'exceptZero' });
  return `${number.format(amount)} ${unitWord(language, amount, unit)}`;
}

/** `Stempel`, `Puntos`: what a unit is called at the head of a line as long as nobody renames it. */
export function plainTitle(language: Language, kind: Unit['kind']): string {
  return unitTitle(language, { kind, label: `${kind}s` });
}

/** The unit's name beside a number of its own: a merchant's own word stays exactly as they wrote it. */
export function unitName(language: Language, unit: Named): string {
  return unitWord(language, 2, unit) === unit.label ? unit.label : unitTitle(language, unit);
}

/** `Stempel`, `Puntos`: the unit's name at the head of a line. */
export function unitTitle(language: Language, unit: Named): string {
  const word = unitWord(language, 2, unit);
  return `${word.charAt(0).toLocaleUpperCase(language)}${word.slice(1)}`;
}
