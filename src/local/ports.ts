import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Every port of a local system, as distance from its base. */
const OFFSETS = {
  temporal: 0,
  ui: 1,
  codec: 2,
  metrics: 3,
  temporalMetrics: 4,
  temporalHttp: 5,
  otds: 10,
  otdsControl: 11,
  iconik: 20,
  iconikControl: 21,
} as const;

type PortName = keyof typeof OFFSETS;
export type Ports = Readonly<Record<PortName, number>>;

export const DEFAULT_PORT_BASE = 21_000;
const HIGHEST_OFFSET = Math.max(...Object.values(OFFSETS));

const WORDS: Readonly<Record<PortName, string>> = {
  temporal: 'Temporal server',
  ui: 'Temporal UI',
  codec: 'codec server',
  metrics: 'worker metrics',
  temporalMetrics: 'Temporal server metrics',
  temporalHttp: 'Temporal HTTP API',
  otds: 'OTDS stand-in',
  otdsControl: 'control of the OTDS stand-in',
  iconik: 'iconik stand-in',
  iconikControl: 'control of the iconik stand-in',
};

/** The ports of a local system. @throws for a base that is no port number or leaves no room. */
export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base + HIGHEST_OFFSET > 65_535) {
    throw new Error(`--port-base ${base} does not do: give a number from 1024 to ${65_535 - HIGHEST_OFFSET}.`);
  }
  const entries = Object.entries(OFFSETS).map(([name, offset]) => [name, base + offset]);
  return Object.fromEntries(entries) as Ports; // the keys are those of OFFSETS
}

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const free = await new Promise<boolean>((done) => {
    probe.once('error', () => done(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => done(true));
  });
  await new Promise((done) => probe.close(done));
  return free;
}

async function takenOf(ports: Ports): Promise<string[]> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    if (!(await isFree(port))) taken.push(`${port} (${WORDS[name as PortName]})`); // keys of Ports
  }
  return taken;
}

/** Looks again for a second: a system that has just ended may still be closing its sockets. @throws naming every port that is taken, and what to do. */
export async function assertFree(ports: Ports): Promise<void> {
  const deadline = performance.now() + 1_000;
  let taken = await takenOf(ports);
  while (taken.length > 0 && performance.now() < deadline) {
    await pause(100);
    taken = await takenOf(ports);
  }
  if (taken.length === 0) return;
  const one = taken.length === 1;
  const other = ports.temporal + 1_000 <= 60_000 ? ports.temporal + 1_000 : DEFAULT_PORT_BASE;
  throw new Error(
    `Port${one ? '' : 's'} ${taken.join(', ')} on 127.0.0.1 ${one ? 'is' : 'are'} in use by another program. End it, or move all ports: --port-base ${other}.`,
  );
}

/** Any free port of 127.0.0.1. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once('error', failed).listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('There is no free port on 127.0.0.1.');
  return address.port;
}

/** A base whose ports are all free just now, outside the range from which systems hand out ports by themselves. For tests. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = 21_100 + 30 * Math.floor(Math.random() * 350);
    const free = await Promise.all(Object.values(portsFrom(base)).map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('There is no free range of ports between 21100 and 31600.');
}
