/** The recorded histories: read, decoded, taken apart. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Payload } from '@temporalio/common';
import { createCodec } from '../../src/workers/codec.ts';
import { REPLAY_KEYS } from './key.ts';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Event = { eventType: string } & { [name: string]: Json };
/** `name` is `type.ending`. */
export type Recorded = { name: string; raw: string; history: { events: Event[] } };

/** All of them, by name. */
export function recordedHistories(): Recorded[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => parse(file.slice(0, -'.json'.length), readFileSync(join(folder, file), 'utf8')));
}

/** A history from its text; also for a changed copy. */
export function parse(name: string, raw: string): Recorded {
  return { name, raw, history: JSON.parse(raw) as Recorded['history'] }; // written by scripts/record-histories.ts
}

/** The attributes of an event, whatever its type. */
export function attributes(event: Event | undefined): { [name: string]: Json } {
  const name = Object.keys(event ?? {}).find((key) => key.endsWith('EventAttributes'));
  const found = name === undefined ? undefined : event?.[name];
  return isObject(found) ? found : {};
}

export type Found = { path: string; encrypted: boolean; text: string };

/** Every payload in it, decoded with the key of the replays; `path` says where it stands. */
export async function payloads({ history }: Recorded): Promise<Found[]> {
  const codec = createCodec(REPLAY_KEYS);
  return await Promise.all(
    find(history, '').map(async ({ path, payload }) => {
      const [plain] = await codec.decode([payload]);
      const encrypted = Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === 'binary/encrypted';
      return { path, encrypted, text: Buffer.from(plain?.data ?? []).toString() };
    }),
  );
}

function find(value: Json, path: string): { path: string; payload: Payload }[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => find(item, `${path}/${i}`));
  if (!isObject(value)) return [];
  if (isObject(value['metadata']) && 'encoding' in value['metadata']) return [{ path, payload: toPayload(value) }];
  return Object.entries(value).flatMap(([name, item]) => find(item, `${path}/${name}`));
}

function toPayload({ metadata, data }: { [name: string]: Json }): Payload {
  const entries = Object.entries(isObject(metadata) ? metadata : {}).map(
    ([name, value]) => [name, bytes(value)] as const,
  );
  return { metadata: Object.fromEntries(entries), data: bytes(data) };
}

const bytes = (base64: Json | undefined): Uint8Array =>
  new Uint8Array(Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64'));

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
