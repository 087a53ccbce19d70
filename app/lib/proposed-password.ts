/** Passwords that nobody has to think of: random, and proposed to one session only. */
import { createHmac, randomBytes } from 'node:crypto';

import { equalBytes } from '#app/lib/sealed-box.ts';

/** A password and the proof that it was proposed in this session: nothing is kept of it until it is taken. */
export type ProposedPassword = { password: string; proof: string };

/** A password of 192 random bits. */
export const newPassword = (): string => randomBytes(24).toString('base64url');

const proofOf = (session: string, password: string) =>
  createHmac('sha256', session).update(`password ${password}`).digest('base64url');

/** Proposes a password to the holder of a session's secret. */
export function proposePassword(session: string): ProposedPassword {
  const password = newPassword();
  return { password, proof: proofOf(session, password) };
}

/** Whether a password was proposed in this session. */
export function isProposed(session: string, { password, proof }: ProposedPassword): boolean {
  return equalBytes(Buffer.from(proof), Buffer.from(proofOf(session, password)));
}
