import type { HttpLog } from '../http.ts';
import type { CloudinaryChoices } from './choices.ts';
import type { CloudinaryConfig } from './config.ts';
import { path, Plane } from './plane.ts';

export type ClientDeps = {
  /** Reads a secret at call time, so that a rotated one is used at once. */
  secret(ref: string): string;
  log?: HttpLog;
};

/** Talks to one Cloudinary account: its account plane and the environments that are configured, each with its own key, pace and rate window. */
export class CloudinaryClient {
  readonly choices: CloudinaryChoices;
  readonly account: Plane;
  private readonly environments: ReadonlyMap<string, Plane>;
  private readonly accountId: string;

  constructor(config: CloudinaryConfig, deps: ClientDeps, choices: CloudinaryChoices) {
    const shared = { url: config.url, limits: config.limits, choices, log: deps.log };
    this.choices = choices;
    this.accountId = config.accountId;
    this.account = new Plane({
      ...shared,
      name: 'the account',
      key: config.provisioningKey,
      secret: () => deps.secret(config.provisioningSecret),
    });
    this.environments = new Map(
      config.environments.map(({ cloud, apiKey, apiSecret }) => [
        cloud,
        new Plane({
          ...shared,
          name: `the environment ${cloud}`,
          key: apiKey,
          secret: () => deps.secret(apiSecret),
        }),
      ]),
    );
  }

  /** Cloud names that we have a key for. */
  get clouds(): readonly string[] {
    return [...this.environments.keys()];
  }

  /** The plane of a configured environment. */
  environment(cloud: string): Plane | undefined {
    return this.environments.get(cloud);
  }

  /** Path below the account plane's v1 (users, groups, environments, keys). */
  v1(rest: string): string {
    return `${path`/v1_1/provisioning/accounts/${this.accountId}`}${rest}`;
  }

  /** Path below Permissions v2. */
  v2(rest: string): string {
    return `${path`/v2/accounts/${this.accountId}/permissions`}${rest}`;
  }

  async close(): Promise<void> {
    await Promise.all([this.account, ...this.environments.values()].map((plane) => plane.close()));
  }
}
