/**
 * Catches every log line of this process. Import it before anything of the product: the logger reads its level, and looks
 * where to write, when it is loaded.
 */
process.env['LOG_LEVEL'] = 'debug';

const lines: string[] = [];

process.stdout.write = (content: string | Uint8Array) => {
  lines.push(typeof content === 'string' ? content : Buffer.from(content).toString());
  return true;
};

/** Everything logged so far. */
export function capturedLog(): string {
  return lines.join('');
}
