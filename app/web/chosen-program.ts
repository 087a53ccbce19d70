/** Which of a shop's programs a page of the admin is about. */
import { isId } from '#app/lib/ids.ts';

/** The program that the address names; absent is the shop's first. What is no id of ours is absent, too. */
export function chosenProgram(request: Request): string | undefined {
  const program = new URL(request.url).searchParams.get('program');
  return program !== null && isId(program) ? program : undefined;
}
