const retryAfterMaxMs = 24 * 60 * 60 * 1000;

/** Reads a Retry-After header, in seconds or as an HTTP date; undefined when there is none. At most a day. */
export function parseRetryAfterMs(header: string | null | undefined): number | undefined {
  if (header === undefined || header === null || header === '') return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : new Date(header).getTime() - Date.now();
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), retryAfterMaxMs) : undefined;
}
