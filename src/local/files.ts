import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry, LocalName, SystemName } from './systems.ts';

/** `local.json`: where a running local system is reached; one key per system that runs. Every `url` is an origin. */
export type LocalJson = {
  /** `address`: host:port; `ui` and `codec`: URLs. */
  temporal: { address: string; namespace: string; ui: string; codec: string };
  /** PostgreSQL URL. */
  ledger: string;
  /** The systems that run, where it was started with a part of them. */
  only?: readonly LocalName[];
  /** The partners' file server. `host`: host:port; `ca`: PEM file of its certificate; `folder`: where the lists lie, on it and here. */
  ftp?: Readonly<Record<'host' | 'user' | 'password' | 'ca' | 'folder', string>>;
} & { otds: Entry<'otds'> } & { [N in SystemName]?: Entry<N> };

/** The project's folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where the data folder of a local system keeps what. */
export type Layout = Readonly<
  Record<
    | 'data'
    | 'localJson'
    | 'toml'
    | 'secrets'
    | 'lock'
    | 'processes'
    | 'pg'
    | 'temporalDb'
    | 'sandbox'
    | 'ftp'
    | 'phones'
    | 'logs',
    string
  >
>;

export const DEFAULT_DATA = join(ROOT, '.tenure');

export function layoutOf(data: string): Layout {
  return {
    data,
    localJson: join(data, 'local.json'),
    toml: join(data, 'temporal.toml'),
    secrets: join(data, 'secrets.env'),
    lock: join(data, 'start.lock'),
    processes: join(data, 'processes.json'),
    pg: join(data, 'pg'),
    temporalDb: join(data, 'temporal.db'),
    sandbox: join(data, 'sandbox'),
    ftp: join(data, 'ftp'),
    phones: join(data, 'phones.json'),
    logs: join(data, 'logs'),
  };
}

/** Replaces a file in one step; readers see the old one or the new one. Mode 0600: these files hold secrets and addresses. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, file);
}

/** Writes `local.json` and `temporal.toml` (a profile for the `temporal` CLI and for envconfig, with the codec on). */
export function writeAddresses(layout: Layout, local: LocalJson): void {
  writeWhole(layout.localJson, `${JSON.stringify(local, null, 2)}\n`);
  const toml = [
    '# export TEMPORAL_CONFIG_FILE=<this file>, and the temporal CLI reaches the local system with the codec on.',
    '[profile.default]',
    `address = ${JSON.stringify(local.temporal.address)}`,
    `namespace = ${JSON.stringify(local.temporal.namespace)}`,
    '',
    '[profile.default.codec]',
    `endpoint = ${JSON.stringify(local.temporal.codec)}`,
    '',
  ];
  writeWhole(layout.toml, toml.join('\n'));
}
