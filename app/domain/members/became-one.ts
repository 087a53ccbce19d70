/** When two who are one by now became one. Pure. */

/** Who was made one with whom, and when: what leads on from there is another step. */
export type Step = { id: string; into: string; at: Date };

/** From when on two have been one: always, where they are the same; null where they are not one. */
export type BecameOne = (one: string, other: string) => Date | null;

/** Each leads to one other at most. Between two it is the last step on the way to where their ways meet. */
export function becameOneBy(steps: readonly Step[]): BecameOne {
  const stepFrom = new Map(steps.map((step) => [step.id, step]));
  return (one, other) => {
    const reached = wayOf(stepFrom, one);
    for (const [id, atMs] of wayOf(stepFrom, other)) {
      const metMs = reached.get(id);
      if (metMs !== undefined) return new Date(Math.max(metMs, atMs));
    }
    return null;
  };
}

/** Everybody somebody has been, the first first, with the last instant it took to become them. */
function wayOf(stepFrom: ReadonlyMap<string, Step>, from: string): Map<string, number> {
  const way = new Map([[from, 0]]);
  let [step, lastMs] = [stepFrom.get(from), 0];
  while (step !== undefined && !way.has(step.into)) {
    lastMs = Math.max(lastMs, step.at.getTime());
    way.set(step.into, lastMs);
    step = stepFrom.get(step.into);
  }
  return way;
}
