import { randomUUID } from 'node:crypto';
import type { Surroundings } from '../config/local.ts';
import { readEnv } from '../config/env.ts';
import { createCodec } from '../workers/codec.ts';
import { payloadsFromJson, payloadsToJson } from '../workers/payloadJson.ts';
import { check, note } from './checks.ts';
import type { Check } from './checks.ts';

/** A payload goes to the codec server and comes back; where this process has the key, it must be the server's too. */
export async function checkCodec({ env, local }: Surroundings): Promise<Check> {
  const url = local?.temporal.codec ?? env['TEMPORAL_CODEC_ENDPOINT'];
  if (url === undefined)
    return note(
      'codec',
      'No codec server is named (TEMPORAL_CODEC_ENDPOINT): the Temporal CLI shows payloads encrypted.',
    );
  const text = `doctor ${randomUUID()}`;
  const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(text)) };
  try {
    const hidden = await post(`${url}/encode`, payloadsToJson([plain]));
    if (JSON.stringify(hidden).includes(Buffer.from(text).toString('base64')))
      return check('codec', [`The codec server at ${url} does not encrypt.`]);
    const clear = payloadsFromJson(await post(`${url}/decode`, hidden));
    if (Buffer.from(clear?.[0]?.data ?? []).toString() !== JSON.stringify(text))
      return check('codec', [`The codec server at ${url} does not give back what it was given.`]);
    const { codec: keys } = readEnv(env);
    if (keys === undefined) return check('codec', [], { details: [url] });
    const ours = await createCodec(keys)
      .decode(payloadsFromJson(hidden) ?? [])
      .catch(() => undefined);
    return ours === undefined
      ? check('codec', [`The codec server at ${url} has another key than TENURE_CODEC_KEY.`])
      : check('codec', [], { details: [`${url}, key ${keys.current.id}`] });
  } catch {
    return check('codec', [
      `The codec server at ${url} does not answer as one: without it the Temporal CLI and UI show payloads encrypted.`,
    ]);
  }
}

async function post(url: string, body: unknown): Promise<unknown> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(3_000),
  });
  if (!reply.ok) throw new Error(String(reply.status));
  return await reply.json();
}
