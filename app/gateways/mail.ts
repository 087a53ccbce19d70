/** Mail to people, through whichever SMTP server the environment names. Addresses are never logged or kept here. */
import { createTransport, type Transporter } from 'nodemailer';

import { appUrl, env } from '#app/lib/env.ts';
import { createBreakers } from '#app/lib/circuit-breaker.ts';
import { Rejected, Unavailable } from '#app/lib/errors.ts';

const connectTimeoutMs = 10_000;
const silenceTimeoutMs = 20_000;

export type Mail = {
  /** One address; a list is refused. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  headers?: Record<string, string>;
};

/** Whether mail can be sent at all. */
export function canSendMail(): boolean {
  return env().SMTP_URL !== undefined;
}

/** What separates addresses, or would let one bring headers of its own. */
const loneAddress = /^[^\s,;:<>()"\\]{1,64}@[^\s,;:<>()"\\]{1,253}$/;

/** A server that is down is asked once in ten seconds whether it is back. */
const breakerOf = createBreakers({ failuresMax: 10, openMs: 10_000, namesMax: 10 });

let opened: { url: string; transport: Transporter } | undefined;

function transportTo(url: string): Transporter {
  if (opened?.url === url) return opened.transport;
  const isTlsDemanded = url.startsWith('smtp:') && env().STAMPWELL_ENV === 'production';
  const transport = createTransport({
    url,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: silenceTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(isTlsDemanded && { requireTLS: true }),
  });
  opened = { url, transport };
  return transport;
}

/**
 * Hands one mail to the SMTP server. Repeating sends it again. Throws `Rejected` when the server refuses this mail for good
 * ('mail-refused') or the address is none, and `Unavailable` when it does not answer, says "later" or none is named.
 */
export async function sendMail(mail: Mail): Promise<void> {
  const { SMTP_URL: url, MAIL_FROM: from } = env();
  if (url === undefined) throw new Unavailable('mail-not-set-up', 'SMTP_URL is not set');
  if (!loneAddress.test(mail.to))
    throw new Rejected('mail-address', 'A mail was for something that is no single address');
  const mailed = () =>
    transportTo(url).sendMail({
      from: from ?? `no-reply@${new URL(appUrl()).hostname}`,
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      ...(mail.html !== undefined && { html: mail.html }),
      headers: { 'Auto-Submitted': 'auto-generated', ...mail.headers },
    });
  await breakerOf(url).run(() =>
    mailed().catch((error: unknown) => {
      throw describe(error);
    }),
  );
}

/** What servers say may quote the address, so nothing of it is kept but its number. */
function describe(error: unknown): Error {
  const status = typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : null;
  const isAccess = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EAUTH';
  if (typeof status === 'number' && status >= 500 && !isAccess)
    return new Rejected('mail-refused', `The mail server refused with ${status}`);
  return new Unavailable('mail-unavailable', 'The mail server is not answering or asks to come back later');
}
