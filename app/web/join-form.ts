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
  /** As chosen: numbers, or empty. */
  birthday: { day: string; month: string };
  /** The code of the member who invited, or null. */
  invitedBy: string | null;
  /** The location of the poster that led here, or null. */
  location: string | null;
  isRobot: boolean;
};

/** What was entered, trimmed and within its limits. What brought the shopper may also stand in the address alone. */
export function readJoinForm(form: FormData, address: URLSearchParams): JoinForm {
  const brought = (name: string) => (form.has(name) ? textField(form, name, 200) : address.get(name));
  const email = textField(form, 'email', 254);
  return {
    email,
    firstName: textField(form, 'firstName', 60),
    program: form.get('program') === 'yes',
    marketing: form.get('marketing') === 'yes',
    wordingVersion: textField(form, 'wording', 64),
    birthday: { day: textField(form, 'birthdayDay', 2), month: textField(form, 'birthdayMonth', 2) },
    invitedBy: inviteCodeOf(brought('ref')),
    location: locationOf(brought('loc')),
    isEmailSound: emailSchema.safeParse(email).success,
    isRobot: textField(form, 'website', 200) !== '',
  };
}

const inviteCodeMax = 32;

/** The code in a link of invitation, or null when there is none; what mail programs put around it is dropped. */
export function inviteCodeOf(text: string | null): string | null {
  const code = (text ?? '').replaceAll(/[^A-Za-z0-9]/g, '').slice(0, inviteCodeMax);
  return code === '' ? null : code;
}

/** The location a poster stands for, or null; anything but a plain name is ignored. */
export function locationOf(text: string | null): string | null {
  return text !== null && locationPattern.test(text) ? text : null;
}
