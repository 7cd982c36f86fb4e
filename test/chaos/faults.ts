/** Invented faults on every system, for Tenure's own requests only. */
import { asked } from './company.ts';
import type { Random } from './random.ts';
import { CALLER, SYSTEMS, type Controls, type System } from './systems.ts';

const KINDS = ['status503', 'status429', 'delay', 'hang', 'reset', 'lostReply', 'html', 'truncate'] as const;
/** Read late by declaration (shortened.ts): their reads may answer what was a while ago. */
const LATE: readonly System[] = ['iconik', 'cloudinary'];
/** Half of the declared read lag: the stand-ins keep their past in steps. */
const STALE_MS = 750;
/** What each system is asked by. Writes are met more often than chance would. */
const METHODS: Readonly<Record<Exclude<System, 'ftp'>, readonly (string | undefined)[]>> = {
  otds: ['GET', 'POST', 'PATCH', 'PUT', 'POST', undefined],
  iconik: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'POST', undefined],
  cloudinary: ['GET', 'POST', 'PUT', 'DELETE', 'PUT', undefined],
  exstream: ['GET', 'POST', undefined],
  fcm: ['POST', undefined],
};
/** Commands of a publication at which an FTP server breaks. */
const FTP_COMMANDS = ['RNTO', 'RNTO', 'STOR', 'RETR', 'SIZE'] as const;

function effect(kind: (typeof KINDS)[number] | 'stale', random: Random): object {
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
    case 'stale':
      return { kind: 'stale', ms: random.int(50, STALE_MS) };
    default:
      return { kind };
  }
}

/** Plans one more fault: the next few requests that match meet it, now or after some that pass. */
export async function plant(controls: Controls, random: Random): Promise<string> {
  const system = random.pick(SYSTEMS.filter((name) => controls[name] !== undefined));
  if (system === 'ftp') return await plantFtp(controls, random);
  const kind = random.pick(LATE.includes(system) ? [...KINDS, 'stale' as const, 'stale' as const] : KINDS);
  const method = kind === 'stale' ? 'GET' : random.pick(METHODS[system]);
  const caller = CALLER[system];
  const fault = {
    match: { ...(caller !== undefined && { caller }), ...(method && { method }) },
    skip: random.int(0, 5),
    times: kind === 'stale' ? random.int(5, 20) : random.int(1, 3),
    fault: effect(kind, random),
  };
  await asked(`${controls[system]}/faults`, 'POST', {}, fault);
  return `${system}: ${kind} on ${method ?? 'any'} × ${fault.times}`;
}

async function plantFtp(controls: Controls, random: Random): Promise<string> {
  const kind = random.pick(['hang', 'reset', 'lostReply', 'status'] as const);
  const command = random.pick(FTP_COMMANDS);
  const times = random.int(1, 3);
  await asked(`${controls.ftp}/faults`, 'POST', {}, { match: { command }, times, fault: { kind } });
  return `ftp: ${kind} on ${command} × ${times}`;
}

/** None from now on. */
export async function clear(controls: Controls): Promise<void> {
  await Promise.all(Object.values(controls).map((url) => asked(`${url}/faults`, 'DELETE')));
}
