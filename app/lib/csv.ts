/** Lines of CSV (RFC 4180) that are safe to open in a spreadsheet. */

/** What a spreadsheet would take for the start of a formula. */
const formulaStart = /^[=+\-@\t\r\n]/;
const plainNumber = /^-?\d+(\.\d+)?$/;
const quotedWhen = /[",\r\n]/;

/** One line, its end included. Text that would be calculated is shown with an apostrophe before it; numbers stay numbers. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(writeCell).join(',')}\r\n`;
}

function writeCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = formulaStart.test(cell) && !plainNumber.test(cell) ? `'${cell}` : cell;
  return quotedWhen.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
