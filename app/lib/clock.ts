/**
 * The time that loyalty rules see. Signatures, TLS and the tokens of others always use the real clock; earning, expiry,
 * retention and the end of our own links and tokens use this one, so that a test clock can move a whole system through a
 * year in a second.
 */
let offsetMs = 0;

/** Now, as the rules of loyalty see it. */
export function now(): Date {
  return new Date(Date.now() + offsetMs);
}

/** How far the rules' clock runs ahead of the real one, in milliseconds. */
export function clockOffsetMs(): number {
  return offsetMs;
}

/** Moves the rules' clock. Every process of a system is told the same offset through the database. */
export function setClockOffsetMs(value: number): void {
  offsetMs = value;
}
