/** What a local system tells those who use it: `local.json`, and the environment of its workers. */
import { localEnv } from '../config/local.ts';
import { layoutOf, type LocalJson } from './files.ts';
import { ftpEntry } from './ftp.ts';
import { originOf, type Said } from './parts.ts';
import type { Ports, SystemPorts } from './ports.ts';
import { valuesOf, type Secrets } from './secrets.ts';
import { rowOf, SYSTEM_NAMES, type LocalName, type SystemName } from './systems.ts';
import { NAMESPACE } from './temporalServer.ts';

export type AddressesOptions = {
  data: string;
  ports: Ports;
  secrets: Secrets;
  /** URL of the ledger. */
  ledger: string;
  /** What each running system told of itself. */
  said: Readonly<Partial<Record<LocalName, Said>>>;
  /** True: a part of the systems was asked for. */
  subset: boolean;
};

/** The content of `local.json`. @throws with a sentence for a program that does not tell what it should. */
export function localJson({ data, ports, secrets, ledger, said, subset }: AddressesOptions): LocalJson {
  const entries = SYSTEM_NAMES.flatMap((name) => {
    const where = ports.systems[name];
    return where === undefined
      ? []
      : [[name, entryOf(name, where, valuesOf(name, secrets), said[name] ?? {})] as const];
  });
  return {
    temporal: {
      address: `127.0.0.1:${ports.temporal}`,
      namespace: NAMESPACE,
      ui: originOf(ports.ui),
      codec: originOf(ports.codec),
    },
    ledger,
    ...(subset
      ? { only: [...entries.map(([name]) => name), ...(ports.ftp === undefined ? [] : ['ftp' as const])] }
      : {}),
    ...(Object.fromEntries(entries) as Pick<LocalJson, SystemName>), // each made of the keys of its row
    ...(ports.ftp === undefined ? {} : { ftp: ftpEntry(ports.ftp, layoutOf(data).ftp, secrets['FTP_PASSWORD'] ?? '') }),
  };
}

/** What `local.json` says of a system: where it is, what it was given, and what it told. */
export function entryOf(
  system: SystemName,
  ports: SystemPorts,
  values: Readonly<Record<string, string>>,
  said: Said,
): Readonly<Record<string, string>> {
  const { title, fixed, told = [] } = rowOf(system);
  const tells = told.map((key) => {
    const value = said[key];
    if (typeof value !== 'string') throw new Error(`The ${title} does not tell its "${key}" when it is ready.`);
    return [key, value] as const;
  });
  // A port 0 becomes one that the program chose.
  const at = (key: 'url' | 'control'): string => (typeof said[key] === 'string' ? said[key] : originOf(ports[key]));
  return {
    url: at('url'),
    ...fixed,
    ...values,
    ...Object.fromEntries(tells),
    control: at('control'),
  };
}

export type WorkerEnvOptions = {
  data: string;
  config: string;
  local: LocalJson;
  secrets: Secrets;
  ports: Ports;
  watch: boolean;
};

/** The environment of workers, and of every command that should act as one. */
export function workerEnv({ data, config, local, secrets, ports, watch }: WorkerEnvOptions): Record<string, string> {
  const { TENURE_CODEC_KEY = '', TENURE_CODEC_KEY_ID = '' } = secrets;
  return {
    ...localEnv(local),
    ...{ TENURE_CONFIG: config, TENURE_LOCAL: layoutOf(data).localJson },
    ...{ TENURE_CODEC_KEY, TENURE_CODEC_KEY_ID },
    TENURE_METRICS_PORT: String(ports.metrics),
    TENURE_WATCH: watch ? 'running' : 'paused',
  };
}
