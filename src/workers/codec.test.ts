import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Payload } from '@temporalio/common';
import type { CodecKey } from '../config/env.ts';
import { createCodec } from './codec.ts';

const key = (id: string): CodecKey => ({ id, key: new Uint8Array(randomBytes(32)) });
const utf8 = (value: string) => new Uint8Array(Buffer.from(value));
const plain: Payload = { metadata: { encoding: utf8('json/plain') }, data: utf8('{"person":"ada.byrne@staff"}') };
const asText = (payload: Payload | undefined) => Buffer.from(payload?.data ?? []).toString('utf8');

async function first(payloads: Promise<Payload[]>): Promise<Payload> {
  const [payload] = await payloads;
  if (payload === undefined) throw new Error('no payload');
  return payload;
}

describe('the payload codec', () => {
  const k1 = key('k1');
  const codec = createCodec({ current: k1, old: [] });

  test('gives back what it was given, and shows nothing of it', async () => {
    const hidden = await first(codec.encode([plain]));
    expect(Buffer.from(hidden.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
    expect(Buffer.from(hidden.metadata?.['encryption-key-id'] ?? []).toString()).toBe('k1');
    expect(asText(hidden)).not.toContain('ada');
    const back = await first(codec.decode([hidden]));
    expect(asText(back)).toBe(asText(plain));
    expect(Buffer.from(back.metadata?.['encoding'] ?? []).toString()).toBe('json/plain');
  });

  test('never encrypts the same payload to the same bytes', async () => {
    const [a, b] = await codec.encode([plain, plain]);
    expect(asText(a)).not.toBe(asText(b));
  });

  test('lets other encodings through, untouched', async () => {
    expect(await first(codec.decode([plain]))).toBe(plain);
    const bare: Payload = { metadata: {} };
    expect(await first(codec.decode([bare]))).toBe(bare);
    expect(await codec.encode([])).toEqual([]);
  });

  test('reads with an old key, writes with the current one', async () => {
    const k2 = key('k2');
    const hidden = await first(codec.encode([plain]));
    const rotated = createCodec({ current: k2, old: [k1] });
    expect(asText(await first(rotated.decode([hidden])))).toBe(asText(plain));
    const again = await first(rotated.encode([plain]));
    await expect(codec.decode([again])).rejects.toMatchObject({ type: 'CODEC_UNKNOWN_KEY' });
  });

  test('refuses another key of the same id', async () => {
    const hidden = await first(codec.encode([plain]));
    const other = createCodec({ current: key('k1'), old: [] });
    await expect(other.decode([hidden])).rejects.toMatchObject({ type: 'CODEC_REFUSED', nonRetryable: true });
  });

  test.each([0, 12, -1])('refuses a payload with byte %i changed', async (at) => {
    const hidden = await first(codec.encode([plain]));
    const data = new Uint8Array(hidden.data ?? []);
    const index = at < 0 ? data.length + at : at;
    data[index] = (data[index] ?? 0) ^ 1;
    await expect(codec.decode([{ ...hidden, data }])).rejects.toMatchObject({ type: 'CODEC_REFUSED' });
  });

  test('refuses a payload whose key id was changed to another known key', async () => {
    const same = k1.key;
    const both = createCodec({ current: k1, old: [{ id: 'k0', key: same }] });
    const hidden = await first(both.encode([plain]));
    const moved = { ...hidden, metadata: { ...hidden.metadata, 'encryption-key-id': utf8('k0') } };
    await expect(both.decode([moved])).rejects.toMatchObject({ type: 'CODEC_REFUSED' });
  });

  test('refuses a payload cut short', async () => {
    const hidden = await first(codec.encode([plain]));
    await expect(
      codec.decode([{ ...hidden, data: (hidden.data ?? new Uint8Array()).subarray(0, 20) }]),
    ).rejects.toMatchObject({
      type: 'CODEC_REFUSED',
    });
  });
});
