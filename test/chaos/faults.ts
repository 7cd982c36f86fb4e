/** Invented faults on both systems, for Tenure's own requests only. */
import { asked } from './company.ts';
import type { Random } from './random.ts';

const KINDS = ['status503', 'status429', 'delay', 'hang', 'reset', 'lostReply', 'html', 'truncate'] as const;

/** Who Tenure is at the stand-ins. */
export const CALLER = { otds: 'tenure@OAuthClients', iconik: 'tenure-service@northwind.example' } as const;
type System = keyof typeof CALLER;

function effect(kind: (typeof KINDS)[number], random: Random): object {
  switch (kind) {
    case 'status503':
      return { kind: 'status', status: 503 };
    case 'status429':
      return { kind: 'status', status: 429, headers: { 'Retry-After': '1' } };
    case 'delay':
      return { kind: 'delay', ms: random.int(50, 1_500) };
    case 'html':
      return { kind: 'html', status: random.pick([200, 502]) };
    case 'truncate':
      return { kind: 'truncate', bytes: random.int(0, 20) };
    default:
      return { kind };
  }
}

/** Plans one more fault: the next few requests that match meet it, now or after some that pass. Writes are met more often than chance would. */
export async function plant(controls: Record<System, string>, random: Random): Promise<string> {
  const system: System = random.pick(['otds', 'iconik']);
  const kind = random.pick(KINDS);
  const method = random.pick(['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'POST', undefined]);
  const fault = {
    match: { caller: CALLER[system], ...(method && { method }) },
    skip: random.int(0, 5),
    times: random.int(1, 3),
    fault: effect(kind, random),
  };
  await asked(`${controls[system]}/faults`, 'POST', {}, fault);
  return `${system}: ${kind} on ${method ?? 'any'} × ${fault.times}`;
}

/** None from now on. */
export async function clear(controls: Record<System, string>): Promise<void> {
  await Promise.all(Object.values(controls).map((url) => asked(`${url}/faults`, 'DELETE')));
}
