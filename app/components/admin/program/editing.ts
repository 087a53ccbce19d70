import type { ExampleScene } from '#app/domain/earning/examples.ts';
import type { Problems } from '#app/domain/programs/problem-claims.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** A part of the draft in a form: its value, where it stands in the document, and what is wrong with it. */
export type Editing<Value> = {
  value: Value;
  /** Such as `earnRules.0`; problems are told by it. */
  path: string;
  problems: Problems;
  onChange: (value: Value) => void;
};

/** What every section of the program page gets. */
export type SectionProps = {
  document: ProgramDocument;
  /** What is told at the fields. */
  problems: Problems;
  /** The draft without what has to be mended first: what examples are made of. */
  sound: ProgramDocument;
  scene: ExampleScene;
  onChange: (document: ProgramDocument) => void;
};

/** An id for something new. It is never the id of anything that was there before, so that nobody's past mixes with it. */
export function freshId(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

type OptionalKeys<Value> = Value extends object
  ? { [Key in keyof Value]-?: object extends Pick<Value, Key> ? Key : never }[keyof Value]
  : never;

/** Without something optional: for what is absent rather than empty. */
export function without<Value extends object>(value: Value, key: OptionalKeys<Value> & keyof Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Value;
}
