/** The servers of one seed: PostgreSQL and Temporal, each with a crash and a start on the same data; the stand-ins, and a real FTP server. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findDaemon } from '../../src/local/daemons/find.ts';
import { cloudinaryStandIn } from '../../sandbox/cloudinary/standIn.ts';
import { startStandIn, type StandIn } from '../../sandbox/common/standIn.ts';
import type { Definition } from '../../sandbox/common/types.ts';
import { exstreamStandIn } from '../../sandbox/exstream/standIn.ts';
import { newServiceAccount, writeKeyFile } from '../../sandbox/fcm/keys.ts';
import { fcmStandIn } from '../../sandbox/fcm/standIn.ts';
import { PROJECT } from '../../sandbox/fcm/state.ts';
import { iconikStandIn } from '../../sandbox/iconik/standIn.ts';
import { otds } from '../../sandbox/otds/standIn.ts';
import { startOrAttach, stop as stopPostgres } from '../../src/ledger/embedded.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { freePortBase } from '../../src/local/ports.ts';
import { identify, end } from '../../src/local/processes.ts';
import { startTemporalServer, type TemporalServer } from '../../src/local/temporalServer.ts';
import { startPartners, type PartnerServer } from './partners.ts';
import type { Controls } from './systems.ts';

export type Servers = {
  ledgerUrl: string;
  temporalAddress: string;
  standIns: StandIns;
  controls: Controls;
  /** SIGKILL and a new start on the same database file. */
  restartTemporal(): Promise<void>;
  /** All of PostgreSQL's processes end on the spot; the next start recovers from its log, as after a crash. */
  restartLedger(): Promise<void>;
  stop(): Promise<void>;
};

/** `ftp` is absent where this machine has no proftpd. */
export type StandIns = Record<'otds' | 'iconik' | 'cloudinary' | 'exstream' | 'fcm', StandIn> & {
  ftp?: PartnerServer;
  /** Service-account key file for FCM. */
  fcmKeyFile: string;
};

/** Without synchronous commits a crash would forget what was committed a moment before, which no real ledger does; the disk itself never fails here. */
const POSTGRES = { fast: true, bound: true, settings: { max_connections: '120', synchronous_commit: 'on' } } as const;

/** A migrated ledger that each seed starts from a copy of. */
export async function ledgerTemplate(folder: string): Promise<string> {
  const template = join(folder, 'pg-template');
  const { url } = await startOrAttach(template, POSTGRES);
  try {
    await migrate(url);
  } finally {
    await stopPostgres(template);
  }
  return template;
}

const taken = new Set<number>();

/** Ports of seeds that start at the same time must differ too. */
async function ownPort(): Promise<number> {
  for (;;) {
    const port = await freePortBase();
    if (taken.has(port)) continue;
    taken.add(port);
    return port;
  }
}

export async function startServers(folder: string, template: string, cli: string): Promise<Servers> {
  const pg = join(folder, 'pg');
  if (!existsSync(pg)) await promisify(execFile)('cp', ['-a', template, pg]);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => void (await Promise.allSettled(stops.splice(0).map((one) => one())));
  try {
    stops.push(() => stopPostgres(pg));
    const ledger = await startOrAttach(pg, POSTGRES);
    let ledgerPid = ledger.pid;
    const port = await ownPort();
    const startTemporal = (): Promise<TemporalServer> =>
      startTemporalServer({
        cli,
        port,
        dbFile: join(folder, 'temporal.db'),
        logFile: join(folder, 'temporal.log'),
        spawned: (child) => stops.push(() => child.stop(2_000)),
      });
    let temporal = await startTemporal();
    const standIns = await startStandIns(folder, stops);
    return {
      ledgerUrl: ledger.url,
      temporalAddress: temporal.address,
      standIns,
      controls: controlsOf(standIns),
      stop,
      async restartTemporal() {
        temporal.child.kill('SIGKILL');
        await temporal.child.ended;
        temporal = await startTemporal();
      },
      async restartLedger() {
        const id = identify(ledgerPid);
        if (id !== undefined) await end(id, 10_000, 'SIGQUIT');
        ledgerPid = (await startOrAttach(pg, POSTGRES)).pid;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Stand-ins on free ports, and the FTP server where there is one; `stops` gets what ends them. */
export async function startStandIns(folder: string, stops: (() => Promise<void>)[]): Promise<StandIns> {
  const start = async <S>(definition: Definition<S>): Promise<StandIn> => {
    const standIn = await startStandIn(definition, { port: 0, controlPort: 0 });
    stops.push(() => standIn.close());
    return standIn;
  };
  const account = newServiceAccount(PROJECT);
  const directory = await start(otds());
  const fcm = await start(fcmStandIn({ account: account.account }));
  const fcmKeyFile = join(folder, 'fcm.json');
  writeKeyFile(fcmKeyFile, account, fcm.url);
  const proftpd = findDaemon('proftpd');
  const ftp = 'missing' in proftpd ? undefined : await startPartners(proftpd);
  if (ftp) stops.push(() => ftp.close());
  return {
    otds: directory,
    iconik: await start(iconikStandIn()),
    cloudinary: await start(cloudinaryStandIn()),
    exstream: await start(exstreamStandIn({ otds: directory.url, resource: 'Exstream', strict: true })),
    fcm,
    fcmKeyFile,
    ...(ftp && { ftp }),
  };
}

export function controlsOf({ otds: directory, iconik, cloudinary, exstream, fcm, ftp }: StandIns): Controls {
  return {
    otds: directory.control,
    iconik: iconik.control,
    cloudinary: cloudinary.control,
    exstream: exstream.control,
    fcm: fcm.control,
    ...(ftp && { ftp: ftp.control }),
  };
}
