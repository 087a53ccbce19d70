/**
 * Callers that ask the database the same kind of thing in the same moment are joined in one statement. One at a time: while
 * it is with the database the next one fills, so the busier it gets the less each caller costs. A statement that takes long
 * holds nobody up: the next goes out beside it.
 */
import { describeDatabaseError } from '#app/data/database.ts';

type Caller<Question, Answer> = {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/** In one statement; more wait for the next. */
const callersMax = 100;
/** How long the others wait for a statement before one more is sent beside it. */
const patienceMs = 5;
const statementsMax = 3;
/** An empty turn of the event loop takes microseconds; a statement costs many times that. */
const quietTurns = 2;
const turnsMax = 10;

/**
 * Answers each question by asking for many at once: `ask` gives an answer for each, in their order. Nobody is joined to a
 * statement that was sent already, so every answer is at least as new as its question. Throws `Unavailable`.
 */
export function joinCallers<Question, Answer>(
  ask: (questions: Question[]) => Promise<Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: Caller<Question, Answer>[] = [];
  let underWay = 0;
  let isPatient = true;
  let isScheduled = false;
  let patience: NodeJS.Timeout | undefined;

  const schedule = (): void => {
    const isHeld = underWay > 0 && (isPatient || underWay >= statementsMax);
    if (isScheduled || isHeld || waiting.length === 0) return;
    isScheduled = true;
    gather(turnsMax, 0);
  };

  /** All that the network brings in these turns of the event loop go together, until so many in a row bring nobody. */
  const gather = (turnsLeft: number, quiet: number): void => {
    const here = waiting.length;
    setImmediate(() => {
      const quietNow = waiting.length > here ? 0 : quiet + 1;
      if (turnsLeft > 0 && quietNow < quietTurns && waiting.length < callersMax) {
        gather(turnsLeft - 1, quietNow);
        return;
      }
      isScheduled = false;
      const callers = waiting.slice(0, callersMax);
      waiting = waiting.slice(callersMax);
      void send(callers);
    });
  };

  const loseIt = () => {
    isPatient = false;
    schedule();
  };

  const send = async (callers: Caller<Question, Answer>[]): Promise<void> => {
    underWay += 1;
    isPatient = true;
    patience ??= setTimeout(loseIt, patienceMs).unref();
    patience.refresh();
    try {
      const answers = await ask(callers.map(({ question }) => question));
      for (const [place, { resolve }] of callers.entries()) resolve(answers[place] as Answer);
    } catch (error) {
      for (const { reject } of callers) reject(describeDatabaseError(error));
    } finally {
      underWay -= 1;
      schedule();
    }
  };

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      schedule();
    });
}
