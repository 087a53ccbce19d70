/** Reads the public join form. What programs fill in and people do not see gives a robot away. */
import { z } from 'zod';

import { textField } from '#app/web/admin-forms.ts';

const emailSchema = z.email().max(254);
const locationPattern = /^[A-Za-z0-9_-]{1,64}$/;

export type JoinForm = {
  email: string;
  firstName: string;
  program: boolean;
  marketing: boolean;
  /** The version of the consent wording the shopper read. */
  wordingVersion: string;
  isEmailSound: boolean;
  isRobot: boolean;
};

/** What was entered, trimmed and within its limits. */
export function readJoinForm(form: FormData): JoinForm {
  const email = textField(form, 'email', 254);
  return {
    email,
    firstName: textField(form, 'firstName', 60),
    program: form.get('program') === 'yes',
    marketing: form.get('marketing') === 'yes',
    wordingVersion: textField(form, 'wording', 64),
    isEmailSound: emailSchema.safeParse(email).success,
    isRobot: textField(form, 'website', 200) !== '',
  };
}

/** The location a poster stands for, or null; anything but a plain name is ignored. */
export function locationOf(text: string | null): string | null {
  return text !== null && locationPattern.test(text) ? text : null;
}
