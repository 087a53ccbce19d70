/** Personal data shown only as far as it takes to recognise somebody. */

/** `ada@example.com` becomes `a•••@e•••.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  if (at < 1) return '•••';
  const domain = email.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  const end = dot > 0 ? domain.slice(dot) : '';
  return `${email.charAt(0)}•••@${domain.charAt(0)}•••${end}`;
}
