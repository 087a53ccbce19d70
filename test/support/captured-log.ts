/**
 * Catches every log line of this process, of both streams. Import it before anything of the product: the logger reads its
 * level, and looks where to write, when it is loaded.
 */
process.env['LOG_LEVEL'] = 'debug';

const lines: string[] = [];
const securityLines: string[] = [];

function caught(...streams: string[][]) {
  return (content: string | Uint8Array) => {
    for (const stream of streams) stream.push(typeof content === 'string' ? content : Buffer.from(content).toString());
    return true;
  };
}

process.stdout.write = caught(lines);
process.stderr.write = caught(lines, securityLines);

/** Everything logged so far, in both streams. */
export function capturedLog(): string {
  return lines.join('');
}

/** What of it went to the stream of security. */
export function capturedSecurityLog(): string {
  return securityLines.join('');
}
