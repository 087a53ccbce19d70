import { HttpRefusal } from '#app/edge/http-exchange.ts';

/**
 * JSON with the keys of every object in order: one text for one content, in whatever order a caller wrote it down.
 * `canonical` remembers the shapes of the objects it meets, so it is not for what strangers send. Throws `HttpRefusal` for
 * what is nested so deeply that nobody can write it.
 */
export function sortedJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, member: unknown) => (isObject(member) ? sorted(member) : member));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HttpRefusal(400, { code: 'bad-json', detail: 'The body is nested too deeply.' });
  }
}

const isObject = (member: unknown): member is object =>
  typeof member === 'object' && member !== null && !Array.isArray(member);

function sorted(object: object): object {
  const entries = Object.entries(object);
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
