import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LOCAL_NAMES, SYSTEM_NAMES, SYSTEMS, isSystem, type LocalName, type SystemName } from './systems.ts';

/** Ports of Tenure's own parts, as distances from the base. Those of the systems stand in `systems.ts`. */
const OFFSETS = {
  temporal: 0,
  ui: 1,
  codec: 2,
  metrics: 3,
  temporalMetrics: 4,
  temporalHttp: 5,
} as const;

type PortName = keyof typeof OFFSETS;

/** Of a system: the vendor's address and the control address. */
export type SystemPorts = Readonly<{ url: number; control: number }>;

/** Of the FTP server: where it listens, and the range of its data connections. */
export type FtpPorts = Readonly<{ control: number; passive: readonly [first: number, last: number] }>;

/** Every port of a local system; `systems` and `ftp` hold those that are to run. */
export type Ports = Readonly<Record<PortName, number>> & {
  systems: Readonly<Partial<Record<SystemName, SystemPorts>>>;
  ftp?: FtpPorts;
};

/** Distances from the base. */
export const FTP_OFFSETS = { control: 60, firstPassive: 61, lastPassive: 79 } as const;

export const DEFAULT_PORT_BASE = 21_000;
const HIGHEST_OFFSET = Math.max(
  FTP_OFFSETS.lastPassive,
  ...SYSTEM_NAMES.flatMap((name) => Object.values(SYSTEMS[name].ports)),
);

const WORDS: Readonly<Record<PortName, string>> = {
  temporal: 'Temporal server',
  ui: 'Temporal UI',
  codec: 'codec server',
  metrics: 'worker metrics',
  temporalMetrics: 'Temporal server metrics',
  temporalHttp: 'Temporal HTTP API',
};

/** The ports of a local system with these systems. @throws for a base that is no port number or leaves no room. */
export function portsFrom(base: number, names: readonly LocalName[] = LOCAL_NAMES): Ports {
  if (!Number.isInteger(base) || base < 1024 || base + HIGHEST_OFFSET > 65_535) {
    throw new Error(`--port-base ${base} does not do: give a number from 1024 to ${65_535 - HIGHEST_OFFSET}.`);
  }
  const own = Object.entries(OFFSETS).map(([name, offset]) => [name, base + offset]);
  return {
    ...(Object.fromEntries(own) as Record<PortName, number>), // the keys are those of OFFSETS
    systems: Object.fromEntries(names.filter(isSystem).map((name) => [name, systemPorts(name, base)])),
    ...(names.includes('ftp') ? { ftp: ftpPorts(base) } : {}),
  };
}

/** Where a system listens in the local system of this base. */
export function systemPorts(name: SystemName, base: number = DEFAULT_PORT_BASE): SystemPorts {
  const { url, control } = SYSTEMS[name].ports;
  return { url: base + url, control: base + control };
}

function ftpPorts(base: number): FtpPorts {
  const { control, firstPassive, lastPassive } = FTP_OFFSETS;
  return { control: base + control, passive: [base + firstPassive, base + lastPassive] };
}

/** Every port with the words for what listens there. Data connections of FTP are left out: of a range, those that are free will do. */
function listeners({ systems, ftp, ...own }: Ports): { port: number; words: string }[] {
  const ofSystems = SYSTEM_NAMES.flatMap((name) => {
    const ports = systems[name];
    if (ports === undefined) return [];
    const { title } = SYSTEMS[name];
    return [
      { port: ports.url, words: title },
      { port: ports.control, words: `control of the ${title}` },
    ];
  });
  // The keys are those of OFFSETS.
  const ofOwn = Object.entries(own).map(([name, port]) => ({ port, words: WORDS[name as PortName] }));
  return [...ofOwn, ...ofSystems, ...(ftp === undefined ? [] : [{ port: ftp.control, words: 'FTP server' }])];
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
  const looked = await Promise.all(
    listeners(ports).map(async ({ port, words }) => ((await isFree(port)) ? [] : [`${port} (${words})`])),
  );
  return looked.flat();
}

/** A sentence names no more ports than this; a whole local system has twenty. */
const NAMED = 4;

/** Looks again for a second: a system that has just ended may still be closing its sockets. @throws naming ports that are taken, and what to do. */
export async function assertFree(ports: Ports): Promise<void> {
  const deadline = performance.now() + 1_000;
  let taken = await takenOf(ports);
  while (taken.length > 0 && performance.now() < deadline) {
    await pause(100);
    taken = await takenOf(ports);
  }
  if (taken.length === 0) return;
  const one = taken.length === 1;
  const named = taken.length > NAMED ? [...taken.slice(0, NAMED), `${taken.length - NAMED} more`] : taken;
  const other = ports.temporal + 1_000 <= 60_000 ? ports.temporal + 1_000 : DEFAULT_PORT_BASE;
  throw new Error(
    `Port${one ? '' : 's'} ${named.join(', ')} on 127.0.0.1 ${one ? 'is' : 'are'} in use by another program. End it, or move all ports: --port-base ${other}.`,
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
    const base = 21_100 + 100 * Math.floor(Math.random() * 105);
    if ((await takenOf(portsFrom(base))).length === 0) return base;
  }
  throw new Error('There is no free range of ports between 21100 and 31600.');
}
