/** What is wrong with several fields together. Nothing while there is nothing; the focus may be sent there. */
export function FieldProblem({ message }: { message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p className="field-problem" role="alert" data-problem tabIndex={-1}>
      {message}
    </p>
  );
}
