import { z } from 'zod';
import { createHttp, writeOutcome, type Http, type HttpReply } from '../../../src/systems/http.ts';
import type { Applied, CallContext } from '../../../src/systems/port.ts';
import type { SystemDeps } from '../../../src/systems/system.ts';
import { TransportError } from '../../../src/systems/transport.ts';
import type { BadgeConfig } from './system.ts';
import { badgeError, statusError } from './errors.ts';

const badge = z.looseObject({
  id: z.string(),
  name: z.string(),
  mail: z.string(),
  active: z.boolean(),
  doors: z.array(z.string()),
});
const page = z.looseObject({ items: z.array(badge), more: z.boolean() });
export type Badge = z.infer<typeof badge>;

/** The wire of the badge system. Reads throw `SystemError` only; a write whose reply is lost is `unknown`. */
export class BadgeClient {
  private readonly http: Http;
  private readonly key: () => string;

  constructor(config: BadgeConfig, { secret, log }: SystemDeps) {
    this.http = createHttp({ system: 'badge', baseUrl: config.url, limits: config.limits, log });
    this.key = () => secret(config.key);
  }

  async one(id: string, call: CallContext): Promise<Badge | undefined> {
    const reply = await this.read(['badges', id], {}, call);
    return reply.status === 404 && !reply.garbled ? undefined : shaped(reply, badge);
  }

  async list(query: { after?: string; mail?: string }, call: CallContext): Promise<z.infer<typeof page>> {
    return shaped(await this.read(['badges'], query, call), page);
  }

  async write(method: 'PUT' | 'DELETE', path: readonly string[], json: unknown, call: CallContext): Promise<Applied> {
    try {
      const request = { method, path, headers: this.headers(), signal: call.signal };
      const reply = await this.http.request({ ...request, ...(json !== undefined && { json }) });
      const outcome = writeOutcome(reply);
      if (outcome === 'refused') throw statusError(reply, path.join('/'));
      return outcome === 'done' ? { outcome } : { outcome, code: 'BADGE_UNAVAILABLE' };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.landed === 'maybe') return { outcome: 'unknown', code: 'BADGE_UNAVAILABLE' };
      throw badgeError('BADGE_UNAVAILABLE');
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async read(path: readonly string[], query: Record<string, string>, call: CallContext): Promise<HttpReply> {
    try {
      return await this.http.request({
        method: 'GET',
        path,
        query,
        headers: this.headers(),
        idempotent: true,
        signal: call.signal,
      });
    } catch (error) {
      throw error instanceof TransportError ? badgeError('BADGE_UNAVAILABLE') : error;
    }
  }

  private headers(): Record<string, string> {
    return { 'x-key': this.key() };
  }
}

function shaped<T>(reply: HttpReply, shape: z.ZodType<T>): T {
  if (reply.status !== 200) throw statusError(reply, 'a read');
  const parsed = reply.garbled ? undefined : shape.safeParse(reply.json());
  if (!parsed?.success) throw badgeError('BADGE_UNAVAILABLE', { status: reply.status });
  return parsed.data;
}
