import { createHash } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { ftpError } from './errors.ts';
import type { RemoteFiles } from './remoteFiles.ts';

/** What is to be published: made beforehand and whole, so that size and hash are known before the first byte goes out. */
export type Content = {
  size: number;
  /** Hex. */
  sha256: string;
  /** The bytes from `start` on; may be asked for again. */
  from(start: number): Readable;
};

/** Bytes a stream gives at a time. */
const PIECE = 64 * 1024;

export function contentOf(bytes: Buffer): Content {
  return {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    from: (start) => Readable.from(pieces(bytes, start), { objectMode: false }),
  };
}

function* pieces(bytes: Buffer, start: number): Generator<Buffer> {
  for (let at = start; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

/** Reads a whole file and asks its size again: a download that was cut short succeeds on many servers. @throws `FTP_CHANGED` where the two differ. */
async function readWhole(files: RemoteFiles, path: string, about: string, into: Writable): Promise<void> {
  const bytes = await files.get(path, into);
  const after = await files.stat(path);
  if (after?.size !== bytes) throw ftpError('FTP_CHANGED', { about });
}

/** The hash of what the server really stored, read back from it (no common server tells one). */
export async function storedSha256(files: RemoteFiles, path: string, about: string): Promise<string> {
  const hash = createHash('sha256');
  await readWhole(
    files,
    path,
    about,
    sink((chunk) => void hash.update(chunk)),
  );
  return hash.digest('hex');
}

/** The whole file in memory. */
export async function readBytes(files: RemoteFiles, path: string, about: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await readWhole(
    files,
    path,
    about,
    sink((chunk) => void chunks.push(chunk)),
  );
  return Buffer.concat(chunks);
}

function sink(take: (chunk: Buffer) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
}
