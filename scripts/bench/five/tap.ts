/** Every GET that this process's HTTP client makes, as it went over the wire, and the same requests again without any of our code. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, fetch } from 'undici';

export type Sent = {
  url: string;
  headers: Record<string, string>;
  /** Requests that were over when this one began: who asks again waits for as many. */
  after: number;
};

type Told = { request: { origin: string; method: string; path: string; headers: readonly string[] } };

/** Notes GETs until `stop`, which answers them in the order of their beginning. */
export function tap(): { stop: () => Sent[] } {
  const sent: Sent[] = [];
  let over = 0;
  const begun = (message: unknown): void => {
    const { origin, method, path, headers } = (message as Told).request; // undici's documented channel
    if (method !== 'GET') return;
    const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ''] as const] : []));
    sent.push({ url: `${origin}${path}`, headers: Object.fromEntries(pairs), after: over });
  };
  const ended = (message: unknown): void => void (over += (message as Told).request.method === 'GET' ? 1 : 0);
  subscribe('undici:request:create', begun);
  subscribe('undici:request:trailers', ended);
  return {
    stop() {
      unsubscribe('undici:request:create', begun);
      unsubscribe('undici:request:trailers', ended);
      return sent;
    },
  };
}

/** Asks for the same pages, as many at once as before, and reads each reply as JSON. Milliseconds. */
export async function again(sent: readonly Sent[]): Promise<number> {
  const dispatcher = new Agent({ allowH2: false });
  const began = performance.now();
  let over = 0;
  const waiting: { after: number; go: () => void }[] = [];
  const turn = (after: number): Promise<void> =>
    over >= after ? Promise.resolve() : new Promise((go) => void waiting.push({ after, go }));
  const ask = async ({ url, headers, after }: Sent): Promise<void> => {
    await turn(after);
    const reply = await fetch(url, { headers, dispatcher });
    // A group-role may outlive its group.
    if (!reply.ok && reply.status !== 404) throw new Error(`GET ${url}: ${reply.status}`);
    await reply.json();
    over++;
    for (const one of waiting) if (one.after <= over) one.go();
  };
  try {
    await Promise.all(sent.map(ask));
    return performance.now() - began;
  } finally {
    await dispatcher.close();
  }
}
