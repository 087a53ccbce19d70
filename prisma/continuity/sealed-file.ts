/**
 * A file that only the holder of a key-encryption key can read, and that cannot be cut short, reordered or changed
 * unnoticed. Every file has a key of its own; its pieces are sealed with AES-256-GCM, numbered, and the last one says
 * that it is the last.
 *
 * Layout: magic ‖ salt (32) ‖ pieces, each length (4) ‖ ciphertext ‖ tag (16).
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';

const magic = Buffer.from('STAMPWELL-BACKUP-1\n');
const saltBytes = 32;
const tagBytes = 16;
const lengthBytes = 4;
const pieceMax = 1024 * 1024;

/** The file is not what was written: altered, cut short, or sealed with another key. */
export class BrokenFile extends Error {
  override name = 'BrokenFile';
}

type FileKey = { bytes: Buffer; salt: Buffer };

function fileKey(key: Buffer, salt: Buffer): FileKey {
  return { bytes: Buffer.from(hkdfSync('sha256', key, salt, 'stampwell/backup-file', 32)), salt };
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 4);
  return nonce;
}

const associated = (salt: Buffer, isLast: boolean) => Buffer.concat([magic, salt, Buffer.from([isLast ? 1 : 0])]);

function sealPiece(key: FileKey, number: number, piece: { bytes: Buffer; isLast: boolean }): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonceOf(number));
  cipher.setAAD(associated(key.salt, piece.isLast));
  const body = Buffer.concat([cipher.update(piece.bytes), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function openPiece(key: FileKey, number: number, sealed: { bytes: Buffer; isLast: boolean }): Buffer {
  const body = sealed.bytes.subarray(0, sealed.bytes.length - tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonceOf(number));
  decipher.setAAD(associated(key.salt, sealed.isLast));
  try {
    decipher.setAuthTag(sealed.bytes.subarray(sealed.bytes.length - tagBytes));
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (error) {
    throw new BrokenFile('The backup was altered, cut short, or sealed with another key', { cause: error });
  }
}

/** Seals a stream of bytes as the content of one file. */
export async function* sealFile(key: Buffer, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const file = fileKey(key, randomBytes(saltBytes));
  yield Buffer.concat([magic, file.salt]);
  let number = 0;
  let held: Buffer | undefined;
  for await (const bytes of content)
    for (let at = 0; at < bytes.length; at += pieceMax) {
      if (held !== undefined) yield sealPiece(file, number++, { bytes: held, isLast: false });
      held = bytes.subarray(at, at + pieceMax);
    }
  yield sealPiece(file, number, { bytes: held ?? Buffer.alloc(0), isLast: true });
}

/** The content of a sealed file, piece by piece. Throws `BrokenFile` at the first that is not as it was written. */
export async function* openFile(key: Buffer, path: string): AsyncGenerator<Buffer> {
  let buffered = Buffer.alloc(0);
  let file: FileKey | undefined;
  let number = 0;
  for await (const read of createReadStream(path, { highWaterMark: pieceMax }) as AsyncIterable<Buffer>) {
    buffered = Buffer.concat([buffered, read]);
    if (file === undefined) {
      if (buffered.length < magic.length + saltBytes) continue;
      if (!buffered.subarray(0, magic.length).equals(magic)) throw new BrokenFile('This is not a backup');
      file = fileKey(key, Buffer.from(buffered.subarray(magic.length, magic.length + saltBytes)));
      buffered = buffered.subarray(magic.length + saltBytes);
    }
    // The piece at the end of what was read waits: only the end of the file tells whether it is the last.
    for (
      let piece = firstPiece(buffered);
      piece !== null && buffered.length > piece.end;
      piece = firstPiece(buffered)
    ) {
      yield openPiece(file, number++, { bytes: piece.bytes, isLast: false });
      buffered = buffered.subarray(piece.end);
    }
  }
  const last = firstPiece(buffered);
  if (file === undefined || last === null || last.end !== buffered.length)
    throw new BrokenFile('The backup is cut short');
  yield openPiece(file, number, { bytes: last.bytes, isLast: true });
}

function firstPiece(buffered: Buffer): { bytes: Buffer; end: number } | null {
  if (buffered.length < lengthBytes) return null;
  const length = buffered.readUInt32BE(0);
  if (length < tagBytes || length > pieceMax + tagBytes) throw new BrokenFile('The backup was altered');
  const end = lengthBytes + length;
  return buffered.length < end ? null : { bytes: buffered.subarray(lengthBytes, end), end };
}
