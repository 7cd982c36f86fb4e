import type { Notice } from '../channel.ts';
import { shorten } from '../shorten.ts';

/** A message is at most 4096 bytes; this much of it is left to the text. */
const TEXT_BYTES = 3_000;
/** A notice of last week helps nobody. */
const LIFE_S = 7 * 86_400;

/**
 * The message for one device. Collapse key, tag and Apple's collapse id are the notice's own: two copies of one notice replace each other, on the way
 * and on the screen.
 */
export function messageOf(token: string, notice: Notice, now: number = Date.now()) {
  const expiresAt = Math.floor(now / 1000) + LIFE_S;
  return {
    token,
    notification: { title: notice.title, body: shorten(notice.text, TEXT_BYTES) },
    data: { nid: notice.id },
    android: { priority: 'high', ttl: `${LIFE_S}s`, collapse_key: notice.id, notification: { tag: notice.id } },
    apns: { headers: { 'apns-collapse-id': notice.id, 'apns-expiration': String(expiresAt) } },
  };
}
