/**
 * The data map: every column of the database with its class, and every table with what it is for and what allows us to
 * keep it. It is written by hand and compared with the real database by a test: a column without a class fails.
 */
import { cardTables } from '#app/domain/privacy/data-map/cards.ts';
import type { DataClass, DataMapPart, LegalBasis, Purpose } from '#app/domain/privacy/data-map/entry.ts';
import { memberTables } from '#app/domain/privacy/data-map/members.ts';
import { securityTables } from '#app/domain/privacy/data-map/security.ts';
import { shopTables } from '#app/domain/privacy/data-map/shops.ts';

export type MappedTable = {
  table: string;
  holds: string;
  purpose: Purpose;
  basis: LegalBasis;
  columns: { name: string; class: DataClass }[];
};

const parts: DataMapPart = { ...shopTables, ...memberTables, ...cardTables, ...securityTables };

/** Every table, by name, with its columns by name. */
export function dataMap(): MappedTable[] {
  const tables = Object.entries(parts).map(([table, { holds, purpose, basis, columns }]) => ({
    table,
    holds,
    purpose,
    basis,
    columns: Object.entries(columns)
      .flatMap(([name, list]) => list.split(' ').map((column) => ({ name: column, class: name as DataClass })))
      .toSorted((left, right) => left.name.localeCompare(right.name, 'en')),
  }));
  return tables.toSorted((left, right) => left.table.localeCompare(right.table, 'en'));
}

/** The tables that hold something about people, and which columns those are: the inventory of personal data. */
export function personalData(): MappedTable[] {
  return dataMap()
    .map((entry) => ({ ...entry, columns: entry.columns.filter((column) => column.class === 'regulated') }))
    .filter(({ columns }) => columns.length > 0);
}
