/** A mail server that keeps what it is given, and a page that shows it: nobody gets mail from a demo. */
import { SMTPServer } from 'smtp-server';

export type KeptMail = { to: string; from: string; subject: string; headers: Record<string, string>; text: string };

export type MailPlatform = {
  url: string;
  /** Oldest first. */
  mails: KeptMail[];
  /** What the next mails are answered with: an SMTP status such as 451 or 550; null takes them. */
  refuseWith: (status: number | null) => void;
  close: () => Promise<void>;
};

const keptMax = 500;

function decodeWords(text: string): string {
  return text.replaceAll(/=\?utf-8\?([BQ])\?([^?]*)\?=\s*/gi, (_, kind: string, body: string) =>
    kind.toUpperCase() === 'B' ? Buffer.from(body, 'base64').toString('utf8') : unquote(body.replaceAll('_', ' ')),
  );
}

function unquote(text: string): string {
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decodeBody(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? unquote(body) : Buffer.from(body, 'latin1').toString('utf8');
}

function readHeaders(head: string): Record<string, string> {
  const lines = head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
  });
  return Object.fromEntries(pairs);
}

/** The plain text of a mail, also when an HTML version comes with it. */
function readText(headers: Record<string, string>, body: string): string {
  const boundary = /boundary="?([^";]+)"?/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return decodeBody(body, headers['content-transfer-encoding'] ?? '7bit');
  for (const part of body.split(`--${boundary}`)) {
    const [head = '', ...rest] = part.trimStart().split(/\r?\n\r?\n/);
    const inner = readHeaders(head);
    if (inner['content-type']?.startsWith('text/plain')) return readText(inner, rest.join('\r\n\r\n'));
  }
  return '';
}

/** Reads one mail as it came over the wire. */
function readMail(raw: string, envelope: { to: string; from: string }): KeptMail {
  const split = raw.search(/\r?\n\r?\n/);
  const headers = readHeaders(raw.slice(0, split));
  const text = readText(headers, raw.slice(split).replace(/^\r?\n\r?\n/, ''));
  return { ...envelope, headers, subject: headers['subject'] ?? '', text: text.replaceAll('\r\n', '\n').trimEnd() };
}

class Refusal extends Error {
  readonly responseCode: number;

  constructor(status: number) {
    super('not taken');
    this.responseCode = status;
  }
}

/** Starts the mail server on loopback; `onMail` is told of each mail that was taken. */
export async function startMail(options: { onMail?: (mail: KeptMail) => void } = {}): Promise<MailPlatform> {
  const mails: KeptMail[] = [];
  let status: number | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onRcptTo: (_, __, done) => done(status === null ? null : new Refusal(status)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address).join(', ');
        const mail = readMail(Buffer.concat(chunks).toString('latin1'), { to, from });
        mails.push(mail);
        if (mails.length > keptMax) mails.shift();
        done();
        options.onMail?.(mail);
      });
    },
  });
  server.on('error', () => undefined);
  const port = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuseWith: (next) => {
      status = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
