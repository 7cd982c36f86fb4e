import type { Payload } from '@temporalio/common';

/** A list of payloads as protobuf's JSON writes it: bytes in base64. */
export type PayloadsJson = { payloads: { metadata?: Record<string, string>; data?: string }[] };

/** Undefined where the value has another shape. */
export function payloadsFromJson(value: unknown): Payload[] | undefined {
  if (!isRecord(value)) return undefined;
  // The CLI sends {} for a call without arguments.
  if (value['payloads'] === undefined || value['payloads'] === null) return [];
  if (!Array.isArray(value['payloads'])) return undefined;
  const payloads: Payload[] = [];
  for (const item of value['payloads']) {
    const payload = isRecord(item) ? payloadFromJson(item) : undefined;
    if (payload === undefined) return undefined;
    payloads.push(payload);
  }
  return payloads;
}

export function payloadsToJson(payloads: readonly Payload[]): PayloadsJson {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      ...(metadata
        ? { metadata: Object.fromEntries(Object.entries(metadata).map(([name, bytes]) => [name, base64(bytes)])) }
        : {}),
      ...(data && data.length > 0 ? { data: base64(data) } : {}),
    })),
  };
}

function payloadFromJson(item: Record<string, unknown>): Payload | undefined {
  const { metadata = {}, data = '' } = item;
  if (!isRecord(metadata) || typeof data !== 'string') return undefined;
  const entries = Object.entries(metadata);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return undefined;
  return { metadata: Object.fromEntries(entries.map(([name, text]) => [name, bytes(text)])), data: bytes(data) };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
