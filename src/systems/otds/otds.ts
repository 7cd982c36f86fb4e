import type { OtdsConfig } from '../../config/types.ts';
import { createHttp } from '../http.ts';
import type { HttpLog } from '../http.ts';
import type { Directory, Target } from '../port.ts';
import { DEFAULT_CHOICES } from './choices.ts';
import type { OtdsChoices } from './choices.ts';
import { OtdsClient } from './client.ts';
import { createDirectory } from './directory.ts';
import { createProbe } from './probe.ts';
import { createTarget } from './target.ts';

export type OtdsDeps = {
  /** The value behind `env:NAME` or `file:/path`; asked at each login, never kept longer than a refused one is remembered. */
  secret: (ref: string) => string;
  /** PEM of a private authority. */
  ca?: string;
  log?: HttpLog;
  /** Wall clock, milliseconds. Default `Date.now`. */
  now?: () => number;
  /** Name of the system that people are read from. Default `otds`; with another one accounts here are found by `login@partition`. */
  directory?: string;
  /** See `choices.ts`. */
  choices?: Partial<OtdsChoices>;
};

export type Otds = {
  directory: Directory;
  target: Target;
  client: OtdsClient;
  /** Ends idle connections. */
  close(): Promise<void>;
};

/** OTDS as directory and as target over one client: one login, one rate limit. `config.url` ends in `/otdsws`. No request is made here. */
export function createOtds(config: OtdsConfig, deps: OtdsDeps): Otds {
  const http = createHttp({
    system: 'otds',
    baseUrl: config.url,
    limits: config.limits,
    ...(deps.ca !== undefined && { ca: deps.ca }),
    ...(deps.log && { log: deps.log }),
  });
  const { scimUrl } = config;
  const scimHttp =
    scimUrl === undefined
      ? undefined
      : createHttp({
          system: 'otds',
          baseUrl: scimUrl,
          limits: config.limits,
          ...(deps.ca !== undefined && { ca: deps.ca }),
          ...(deps.log && { log: deps.log }),
        });
  const now = deps.now ?? Date.now;
  const client = new OtdsClient({
    config,
    http,
    scimHttp,
    secret: deps.secret,
    choices: { ...DEFAULT_CHOICES, ...deps.choices },
    ownPeople: (deps.directory ?? 'otds') === 'otds',
  });
  const probe = createProbe(client, http, now);
  return {
    directory: createDirectory(client, probe, now),
    target: createTarget(client, probe),
    client,
    close: async () => void (await Promise.all([http.close(), scimHttp?.close()])),
  };
}
