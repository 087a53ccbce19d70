/** What a line of the crossing is: one request that names something of a shop. */
import type { Call, PageCall } from '#test/support/crossing/calls.ts';
import type { Ids, Side } from '#test/support/crossing/sides.ts';

/**
 * How what is not there is refused. `missing`: 404. `form`: beside the form, so that what was typed is not lost. `link`: 403, as
 * any link that was not signed so. `phone`: 401, as Apple's protocol has it. `word`: not at all, since nothing is there to be
 * refused: it counts as any other word would, or what is to be gone is gone already.
 */
export type Refusal = 'missing' | 'form' | 'link' | 'phone' | 'word';

export type Line = {
  /** The door as its own table names it: an operation of the API, a page with its handler, a method and path. */
  route: string;
  /** What of the door, where it does several things. */
  intent?: string;
  refusal: Refusal;
  /** `ids` are named, whosever they are; `own` signs links as the shop that asks would. */
  build: (ids: Ids, own: Side) => Call;
  /** At home it takes away what other lines ask for: later ones come after all the others. */
  rank?: number;
};

export const pin = '482915';

type PageParts = Omit<PageCall, 'door' | 'page' | 'handler'>;
type Build = (ids: Ids, own: Side) => PageParts;

/** Reading a page. */
export const read = (page: string, build: Build, refusal: Refusal = 'missing'): Line => ({
  route: `${page} loader`,
  refusal,
  build: (ids, own) => ({ door: 'page', page, handler: 'loader', ...build(ids, own) }),
});

type Change = { intent?: string; refusal?: Refusal; rank?: number };

/** Sending a form of a page. */
export const change = (page: string, { intent, refusal = 'form', rank }: Change, build: Build): Line => ({
  route: `${page} action`,
  ...(intent !== undefined && { intent }),
  refusal,
  ...(rank !== undefined && { rank }),
  build: (ids, own) => {
    const parts = build(ids, own);
    const form = { ...(intent !== undefined && { intent }), pin, ...parts.form };
    return { door: 'page', page, handler: 'action', ...parts, form };
  },
});

/** Which ids a line names: what it reads of those it is given. */
export function namedIn(line: Line, own: Side): (keyof Ids)[] {
  const seen = new Set<keyof Ids>();
  const watched = new Proxy(own.ids, {
    get: (ids, name) => {
      seen.add(name as keyof Ids);
      return ids[name as keyof Ids];
    },
  });
  line.build(watched, own);
  return [...seen];
}
