/** What every handler of the API is given and answers. */
import type { z } from 'zod';

import { InvalidInput, type InputIssue } from '#app/lib/errors.ts';
import { unsoundTextIn } from '#app/lib/sound-text.ts';
import type { ApiCaller } from '#app/web/authenticate-api.ts';

export type ApiCall = {
  caller: ApiCaller;
  /** What stands in the path, by the names of the operation's pattern. */
  parameters: Readonly<Record<string, string>>;
  query: Record<string, unknown>;
  body: unknown;
  /** Empty for operations that change nothing. */
  idempotencyKey: string;
  /** Who asked under which key for what: a flow claims it in the transaction of its effect. */
  request: { clientId: string; key: string; inputs: string };
  ifMatch: string | null;
};

export type ApiAnswer = {
  status: 200 | 201 | 202;
  value: unknown;
  headers?: Record<string, string>;
  /** The entity tag, quotes included, where it is not simply a digest of the answer. */
  tag?: string;
};

export type ApiHandlers<Id extends string> = Record<Id, (call: ApiCall) => Promise<ApiAnswer>>;

const issuesMax = 50;
const issuesInWordsMax = 10;

/** Input by its schema. Throws `InvalidInput` that names each field and what is wrong with it, never its value. */
export function parse<Shape extends z.ZodType>(schema: Shape, input: unknown): z.infer<Shape> {
  const unsound = unsoundTextIn(input);
  if (unsound !== null) throw misfit([{ path: unsound, message: 'must not contain NUL or half of a character' }]);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, issuesMax).map((issue) => ({
    path: issue.path.join('.'),
    message: issue.code === 'unrecognized_keys' ? `unknown field ${issue.keys.join(', ')}` : issue.message,
  }));
  throw misfit(issues);
}

function misfit(issues: InputIssue[]): InvalidInput {
  const words = issues.slice(0, issuesInWordsMax).map(({ path, message }) => {
    if (path !== '') return `${path}: ${message}`;
    return message.startsWith('unknown field') ? message : `body: ${message}`;
  });
  return new InvalidInput('invalid-input', 'A request does not fit its schema', {
    publicMessage: words.join('; '),
    issues,
  });
}
