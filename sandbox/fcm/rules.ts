import { isObject } from '../common/fields.ts';
import { textMap, textOr } from '../push/values.ts';
import { badRequest } from './errors.ts';
import { SEND_REQUEST } from './messageShape.ts';
import { ProtoReader } from './protoJson.ts';

/** A message in snake_case, as {@link SEND_REQUEST} has it. */
export type FcmMessage = Record<string, unknown>;

export type Target = { kind: 'token' | 'topic' | 'condition'; value: string };

const TTL_MAX_S = 2_419_200; // four weeks
const SIZE_MAX = 4096;
const SIZE_MAX_TOPICS = 2048;

/** The request read and checked; throws the 400 that FCM gives. */
export function readSendRequest(body: unknown): { message: FcmMessage; validateOnly: boolean; target: Target } {
  if (!isObject(body)) throw badRequest([{ description: 'Invalid JSON payload received. Unexpected token.' }]);
  const reader = new ProtoReader();
  const request = reader.read(body, SEND_REQUEST);
  const message = isObject(request['message']) ? request['message'] : {};
  if (reader.violations.length > 0) throw badRequest(reader.violations);
  const target = targetOf(message);
  checkData(message);
  checkTtl(message);
  checkSize(message, target);
  return { message, validateOnly: request['validate_only'] === true, target };
}

function targetOf(message: FcmMessage): Target {
  const given = (['token', 'topic', 'condition'] as const).flatMap((kind) => {
    const value = textOr(message[kind]);
    return value === null || value === '' ? [] : [{ kind, value }];
  });
  const [first, second] = given;
  if (!first) throw badRequest([{ field: 'message', description: 'Recipient of the message is not set.' }]);
  if (second) {
    const set = `oneof field 'target' is already set. Cannot set '${second.kind}'`;
    throw badRequest([{ field: 'message', description: `Invalid value at 'message' (oneof), ${set}` }]);
  }
  return first;
}

function isReserved(key: string): boolean {
  return key === 'from' || key === 'message_type' || key.startsWith('google.') || key.startsWith('gcm.notification.');
}

function checkData(message: FcmMessage): void {
  const places: [string, unknown][] = [
    ['message.data', message['data']],
    ['message.android.data', part(message, 'android')['data']],
  ];
  const violations = places.flatMap(([field, data]) =>
    Object.keys(textMap(data))
      .filter(isReserved)
      .map((key) => ({ field, description: `Invalid data payload key: ${key}` })),
  );
  if (violations.length > 0) throw badRequest(violations);
}

/** Seconds of life: FCM's own default is the longest, four weeks. */
export function ttlSeconds(message: FcmMessage): number {
  const ttl = textOr(part(message, 'android')['ttl']);
  return ttl === null ? TTL_MAX_S : Math.floor(Number(ttl.slice(0, -1)));
}

function checkTtl(message: FcmMessage): void {
  const seconds = ttlSeconds(message);
  if (seconds >= 0 && seconds <= TTL_MAX_S) return;
  const description = `Invalid time to live: ${seconds} s. It must lie between 0 and ${TTL_MAX_S} seconds.`;
  throw badRequest([{ field: 'message.android.ttl', description }]);
}

function checkSize(message: FcmMessage, target: Target): void {
  const { notification, data } = message;
  const bytes = Buffer.byteLength(JSON.stringify({ notification, data }));
  const most = target.kind === 'token' ? SIZE_MAX : SIZE_MAX_TOPICS;
  if (bytes <= most) return;
  throw badRequest([{ field: 'message', description: `Message is too big: ${bytes} bytes, at most ${most}.` }]);
}

/** A part of the message, empty where it was not sent. */
export function part(message: FcmMessage, ...path: string[]): FcmMessage {
  let at: unknown = message;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return isObject(at) ? at : {};
}
