import { Transform, type TransformCallback } from 'node:stream';

/** Passes bytes on and counts them. */
export class Counted extends Transform {
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    done(null, chunk);
  }
}
