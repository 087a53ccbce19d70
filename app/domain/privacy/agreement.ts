/** The annexes of the data processing agreement: what is handled, for what, by whom. Generated, never written by hand. */
import { dataMap, type MappedTable, personalData } from '#app/domain/privacy/data-map/data-map.ts';
import type { SubProcessor } from '#app/domain/privacy/sub-processors.ts';

export type Annexes = {
  /** Annex I: which personal data, for which purpose. */
  processing: { table: string; holds: string; purpose: string; basis: string; fields: string[] }[];
  /** Annex II: who else handles it. What protects it is Annex III: the promises on the trust page, each with its tests. */
  subProcessors: SubProcessor[];
};

/** How long merchants have to object before a new version counts. */
export const objectionDays = 30;

const describe = ({ table, holds, purpose, basis, columns }: MappedTable) => ({
  table,
  holds,
  purpose,
  basis,
  fields: columns.map(({ name }) => name),
});

/** The annexes as they are now. */
export function annexesOf({ subProcessors }: { subProcessors: SubProcessor[] }): Annexes {
  return { processing: personalData().map(describe), subProcessors };
}

/** Every purpose of the data map with what is kept for it: the register of processing operations. */
export function processingRegister(): { purpose: string; tables: { table: string; holds: string; basis: string }[] }[] {
  const byPurpose = new Map<string, { table: string; holds: string; basis: string }[]>();
  for (const { purpose, table, holds, basis } of dataMap())
    byPurpose.set(purpose, [...(byPurpose.get(purpose) ?? []), { table, holds, basis }]);
  return [...byPurpose].map(([purpose, tables]) => ({ purpose, tables }));
}
