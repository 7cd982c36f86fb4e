import type { Context } from '../common/types.ts';

const LIMIT_MS = 5_000;

export type OutgoingCall = { url: string; method: 'GET' | 'POST'; body?: object; headers?: Record<string, string> };

/** Only this machine is called: a stand-in must never reach out with made-up notices. */
export function isLocal(url: string): boolean {
  try {
    const { protocol, hostname } = new URL(url);
    return (
      (protocol === 'http:' || protocol === 'https:') && ['127.0.0.1', 'localhost', '[::1]', '::1'].includes(hostname)
    );
  } catch {
    return false;
  }
}

async function statusOf({ url, method, body, headers }: OutgoingCall): Promise<number | null> {
  try {
    const reply = await fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(LIMIT_MS),
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    await reply.arrayBuffer();
    return reply.status;
  } catch {
    return null;
  }
}

/**
 * Makes an HTTP call in the background, as an app, a browser or the vendor would. `then` gets the status on a later turn of the
 * stand-in's clock: null where nothing answered within 5 s, or the address is not of this machine (nothing is sent then).
 */
export function callOut<S>(
  ctx: Context<S>,
  call: OutgoingCall,
  then: (ctx: Context<S>, status: number | null) => void,
): void {
  const told = isLocal(call.url) ? statusOf(call) : Promise.resolve(null);
  void told.then((status) => ctx.later(0, (later) => then(later, status)));
}
