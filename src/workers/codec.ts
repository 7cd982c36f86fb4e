import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { CodecKey, CodecKeys } from '../config/env.ts';

const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const NONCE = 12;
const TAG = 16;

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'utf8'));

/**
 * Payload codec, AES-256-GCM. Data: 12 random bytes ‖ ciphertext ‖ 16 bytes of tag, over the encoded Payload message; the key's id stands in the
 * metadata and is authenticated with it. Payloads of other encodings pass through on decode, so that plain input from the CLI or UI works.
 * A payload that cannot be decrypted fails with `CODEC_UNKNOWN_KEY` or `CODEC_REFUSED`; neither says anything of its content.
 */
export function createCodec(keys: CodecKeys): PayloadCodec {
  const current = prepared(keys.current);
  const byId = new Map([current, ...keys.old.map(prepared)].map((key) => [key.id, key]));
  return {
    encode: (payloads) => Promise.resolve(payloads.map((payload) => encrypt(payload, current))),
    // async, so that a refusal is a rejection.
    decode: async (payloads) =>
      payloads.map((payload) => (text(payload.metadata?.['encoding']) === ENCODING ? decrypt(payload, byId) : payload)),
  };
}

type Prepared = { id: string; key: KeyObject };

/** Once: preparing a key takes longer than encrypting a payload. */
const prepared = ({ id, key }: CodecKey): Prepared => ({ id, key: createSecretKey(key) });

function encrypt(payload: Payload, { id, key }: Prepared): Payload {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bytes(id));
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: bytes(ENCODING), [KEY_ID]: bytes(id) }, data: new Uint8Array(data) };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, Prepared>): Payload {
  const id = text(payload.metadata?.[KEY_ID]);
  const found = keys.get(id);
  if (found === undefined) {
    const shown = /^[A-Za-z0-9._-]{1,64}$/.test(id) ? `"${id}"` : 'no readable id';
    throw ApplicationFailure.nonRetryable(
      `A payload was encrypted with a key that is not here (${shown}): add it to TENURE_CODEC_OLD_KEYS.`,
      'CODEC_UNKNOWN_KEY',
    );
  }
  const data = payload.data ?? new Uint8Array();
  try {
    if (data.length < NONCE + TAG) throw new RangeError('too short');
    const decipher = createDecipheriv('aes-256-gcm', found.key, data.subarray(0, NONCE), { authTagLength: TAG })
      .setAAD(bytes(id))
      .setAuthTag(data.subarray(data.length - TAG));
    const plain = Buffer.concat([decipher.update(data.subarray(NONCE, data.length - TAG)), decipher.final()]);
    return proto.temporal.api.common.v1.Payload.decode(new Uint8Array(plain));
  } catch {
    throw ApplicationFailure.nonRetryable(
      `A payload encrypted with key "${id}" could not be read: the key is another one of the same id, or the payload was changed.`,
      'CODEC_REFUSED',
    );
  }
}
