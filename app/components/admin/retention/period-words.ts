/** Of thirty and a half days. */
export const monthHours = 732;
const yearHours = 8_766;

/** `3 days`, `12 hours`, `10 years`: the largest unit that fits whole. */
export function periodInWords(hours: number): string {
  if (hours >= yearHours) return counted(Math.floor(hours / yearHours), 'year');
  return hours % 24 === 0 ? counted(hours / 24, 'day') : counted(hours, 'hour');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
