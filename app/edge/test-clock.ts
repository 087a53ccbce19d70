/** `POST /test/clock`: moves the rules' clock of a test or demo system. It does not exist anywhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';

import { addMonths } from '#app/domain/calendar.ts';
import { readRawBody } from '#app/edge/raw-body.ts';
import { moveClock } from '#app/flows/system/open-system.ts';
import { now } from '#app/lib/clock.ts';

const bodyBytesMax = 1_024;
const clockSchema = z.union([
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advance: z.string().max(40) }),
]);

const unitMs = { W: 604_800_000, D: 86_400_000, H: 3_600_000, M: 60_000, S: 1_000 };
const durationPattern =
  /^(-)?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** The moment an ISO 8601 duration after another, or null: years and months by the calendar in UTC, the rest by length. */
function timeAfter(at: Date, text: string): number | null {
  const match = durationPattern.exec(text);
  if (match === null) return null;
  const [, sign, years, months, weeks, days, hours, minutes, seconds] = match;
  const direction = sign === undefined ? 1 : -1;
  const part = (count: string | undefined, each: number) => direction * Number(count ?? 0) * each;
  const length =
    part(weeks, unitMs.W) + part(days, unitMs.D) + part(hours, unitMs.H) + part(minutes, unitMs.M) + part(seconds, unitMs.S); // prettier-ignore
  const today = { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
  const { year, month, day } = addMonths(today, part(years, 12) + part(months, 1));
  return Date.UTC(year, month - 1, day) + (at.getTime() % unitMs.D) + length;
}

function offsetOf(body: unknown): number | null {
  const parsed = clockSchema.safeParse(body);
  if (!parsed.success) return null;
  const offset = 'now' in parsed.data ? Date.parse(parsed.data.now) - Date.now() : offsetAfter(parsed.data.advance);
  return offset !== null && isUsable(Date.now() + offset) ? offset : null;
}

function offsetAfter(duration: string): number | null {
  const time = timeAfter(now(), duration);
  return time === null ? null : time - Date.now();
}

/** Beyond these years neither the database nor a calendar could say what time it is, and every process would stand still. */
function isUsable(timeMs: number): boolean {
  return timeMs >= Date.UTC(1970, 0) && timeMs < Date.UTC(9999, 0);
}

/** Answers with the time as the rules see it from now on, or 400. */
export async function handleTestClock(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRawBody(request, bodyBytesMax);
  let offset: number | null = null;
  try {
    offset = Buffer.isBuffer(body) ? offsetOf(JSON.parse(body.toString('utf8'))) : null;
  } catch {
    offset = null;
  }
  if (offset !== null) await moveClock(Math.round(offset));
  response.writeHead(offset === null ? 400 : 200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      offset === null ? { error: 'send {"now": …} or {"advance": "PT1H"}' } : { now: now().toISOString() },
    ),
  );
}
