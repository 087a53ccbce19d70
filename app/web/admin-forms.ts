/** Reads what the admin's forms send. Shapes are checked here; whether a program makes sense is the domain's word. */
import { z } from 'zod';

import { newDesignSchema } from '#app/domain/cards/card-design.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { outlineProblems } from '#app/domain/programs/outline-problems.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { benefitSchema } from '#app/domain/programs/rewards.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';
import { InvalidInput } from '#app/lib/errors.ts';

const numberSchema = z.number().int();
const textSchema = z.string().max(5_000);

const outlineSchema = z.strictObject({
  name: textSchema,
  stamps: z
    .strictObject({
      label: textSchema,
      amount: numberSchema,
      basis: z.enum(['visit', 'item', 'product']),
      productIds: z.array(z.string().max(20)).max(250),
      needed: numberSchema,
    })
    .nullable(),
  points: z.strictObject({ label: textSchema, amount: numberSchema, perMinor: numberSchema }).nullable(),
  rewards: z
    .array(
      z.strictObject({
        key: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
        counts: z.enum(['stamp', 'point']),
        name: textSchema,
        cost: numberSchema,
        benefit: benefitSchema,
      }),
    )
    .max(50),
  expiryMonths: numberSchema.nullable(),
  debtPolicy: z.enum(['carry', 'write-off']),
});

export type FormReading<Value> = { value: Value } | { problems: Record<string, string> };

const fieldTextMax = 100_000;
/** 50 rules that name as many products as they may. */
const documentTextMax = 4_000_000;

/** A field of a form that holds JSON. Throws `InvalidInput` for what no form of ours sends. */
export function jsonField(form: FormData, name: string, lengthMax = fieldTextMax): unknown {
  const text = form.get(name);
  if (typeof text !== 'string' || text.length > lengthMax) throw new InvalidInput('bad-form', `The form lacks ${name}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInput('bad-form', `${name} is not JSON`, { cause });
  }
}

/** The outline of a program, or what a person has to mend. Throws `InvalidInput` for what no form of ours sends. */
export function readOutline(form: FormData): FormReading<ProgramOutline> {
  const parsed = outlineSchema.safeParse(jsonField(form, 'outline'));
  if (!parsed.success) return { problems: problemsOf(parsed.error) };
  const problems = outlineProblems(parsed.data);
  return Object.keys(problems).length > 0 ? { problems } : { value: parsed.data };
}

/** The design of a card, or what a person has to mend. Throws `InvalidInput` for what no form of ours sends. */
export function readDesign(form: FormData): FormReading<CardDesign> {
  const parsed = newDesignSchema.safeParse(jsonField(form, 'design'));
  return parsed.success ? { value: parsed.data } : { problems: problemsOf(parsed.error) };
}

/** A whole program, or what a person has to mend. Throws `InvalidInput` for what no form of ours sends. */
export function readProgram(form: FormData): FormReading<ProgramDocument> {
  const parsed = programDocumentSchema.safeParse(jsonField(form, 'document', documentTextMax));
  return parsed.success ? { value: parsed.data } : { problems: problemsOf(parsed.error) };
}

function problemsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.map((issue) => [issue.path.join('.'), 'Please check this field.']));
}

const stampsSchema = z.strictObject({ needed: z.int().min(0).max(100), collected: z.int().min(0).max(100) }).nullable();

/** How full a card is shown; null for a card of points. Throws `InvalidInput` for what no form of ours sends. */
export function readStamps(form: FormData): z.infer<typeof stampsSchema> {
  const parsed = stampsSchema.safeParse(jsonField(form, 'stamps'));
  if (!parsed.success) throw new InvalidInput('bad-form', 'The form lacks the stamps');
  return parsed.data;
}

/** A text field of a form, trimmed and within its limit; empty when it is absent. */
export function textField(form: FormData, name: string, lengthMax: number): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim().slice(0, lengthMax) : '';
}
