/** Personal data shown only as far as it takes to recognise somebody. */

const wordsShown = 3;

/** `Ada Lovelace` becomes `A••• L•••`: as many letters as words, and nothing of their length. */
export function maskName(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, wordsShown);
  return words.map((word) => `${String.fromCodePoint(word.codePointAt(0) ?? 0x2022)}•••`).join(' ');
}

/** `+4915799887766` becomes `••• 66`. */
export function maskPhone(phone: string): string {
  return `••• ${phone.slice(-2)}`;
}

/** `ada@example.com` becomes `a•••@e•••.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at < 1) return '•••';
  const domain = email.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const end = dot > 0 ? domain.slice(dot) : '';
  return `${email.charAt(0)}•••@${domain.charAt(0)}•••${end}`;
}
