/** What a request asks for: the parts of an URL that the edge decides by. */
export type RequestTarget = Pick<URL, 'pathname' | 'search' | 'searchParams'>;

/** A path that no URL parser would write otherwise. Nearly all that phones ask for; the rest is parsed, at several times the cost. */
const plainPath = /^(?:\/[\w~-][\w.~-]*)+\/?$/;
const base = 'http://edge.invalid';

/** The query of a plain path is empty, and nearly always nobody asks for it. */
class PlainTarget implements RequestTarget {
  readonly pathname: string;
  readonly search = '';

  constructor(pathname: string) {
    this.pathname = pathname;
  }

  get searchParams(): URLSearchParams {
    return new URLSearchParams();
  }
}

/** What stands in the first line of a request; null for one such as `//host/path` or `http://…`, which is no path of ours. */
export function targetOf(text: string): RequestTarget | null {
  if (plainPath.test(text)) return new PlainTarget(text);
  return text.startsWith('/') && !text.startsWith('//') ? URL.parse(text, base) : null;
}
