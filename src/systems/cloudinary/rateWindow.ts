import { retryAtOf, type HttpReply } from '../http.ts';

/**
 * Milliseconds until Cloudinary counts anew: `Retry-After` where there is one, else `X-FeatureRateLimit-Reset` (an HTTP date) by Cloudinary's own
 * clock. Undefined where neither says anything.
 */
export function waitMs(reply: HttpReply, longestMs: number, now: number = Date.now()): number | undefined {
  const asked = retryAtOf(reply, now);
  const ms = asked === undefined ? resetMs(reply, now) : Date.parse(asked) - now;
  return ms === undefined || ms <= 0 ? undefined : Math.min(ms, longestMs);
}

function resetMs(reply: HttpReply, now: number): number | undefined {
  const reset = Date.parse(reply.headers['x-featureratelimit-reset'] ?? '');
  if (Number.isNaN(reset)) return undefined;
  const sentAt = Date.parse(reply.headers['date'] ?? '');
  return reset - (Number.isNaN(sentAt) ? now : sentAt);
}

/**
 * What one plane's rate headers said last: account and environments are counted apart (contract section 3), so each plane has one. Headers may be
 * absent, then nothing is known and nothing is held back.
 */
export class RateWindow {
  private limit: number | undefined;
  private remaining: number | undefined;
  /** Our clock, milliseconds. */
  private resetsAt = 0;

  /** Takes in the headers of a reply. */
  note(reply: HttpReply, longestMs: number): void {
    const now = Date.now();
    const limit = numberOf(reply.headers['x-featureratelimit-limit']);
    const remaining = numberOf(reply.headers['x-featureratelimit-remaining']);
    const ms = resetMs(reply, now);
    if (limit === undefined || remaining === undefined || ms === undefined) return;
    this.limit = limit;
    this.remaining = remaining;
    this.resetsAt = now + Math.min(Math.max(ms, 0), longestMs);
  }

  /** When a scan may go on, ISO; undefined: now. Scans leave `reserve` (a share of the limit) to the changes of people. */
  scanWaitsUntil(reserve: number): string | undefined {
    if (this.limit === undefined || this.remaining === undefined || Date.now() >= this.resetsAt) return undefined;
    return this.remaining > this.limit * reserve ? undefined : new Date(this.resetsAt).toISOString();
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
