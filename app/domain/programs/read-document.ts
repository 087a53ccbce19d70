/** A program document as it comes from outside. */
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { InvalidInput } from '#app/lib/errors.ts';

const issuesMax = 50;

/** The document with its defaults filled in. Throws `InvalidInput` that names the path and fault of all that does not fit. */
export function readDocument(document: unknown): ProgramDocument {
  const parsed = programDocumentSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, issuesMax)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const [first] = issues;
  const message = `${first?.path === '' ? 'document' : first?.path}: ${first?.message}`;
  throw new InvalidInput('program-invalid', 'A program document does not fit its schema', {
    publicMessage: message,
    issues,
  });
}
