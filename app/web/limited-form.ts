/** Reads a form without ever holding more of it than a limit. */
import { InvalidInput } from '#app/lib/errors.ts';

const formTypes = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;

/**
 * The form of a request. Throws `InvalidInput` when it is larger than `bytesMax` ('form-too-large'), is sent as something else
 * ('form-type'), or cannot be read ('form-unreadable').
 */
export async function readForm(request: Request, bytesMax: number): Promise<FormData> {
  const body = await readWithin(request, bytesMax);
  if (body === null) throw new InvalidInput('form-too-large', `A form was larger than ${bytesMax} bytes`);
  const type = request.headers.get('content-type') ?? '';
  if (!formTypes.test(type)) throw new InvalidInput('form-type', 'A request held no form');
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch (cause) {
    throw new InvalidInput('form-unreadable', 'A form could not be read', { cause });
  }
}

/** The rest of a body that is too large is read and dropped: a caller who is still sending would not hear the answer. */
async function readWithin(request: Request, bytesMax: number): Promise<Buffer | null> {
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    length += value.length;
    if (length > bytesMax) chunks.length = 0;
    else chunks.push(value);
  }
  return length > bytesMax ? null : Buffer.concat(chunks);
}
