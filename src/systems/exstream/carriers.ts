import { matches, parseEntitlement } from '../../domain/entitlement.ts';
import type { ExstreamConfig } from './block.ts';
import { same } from './shapes.ts';

/** One right that Tenure can give: this role in this domain, by membership of this OTDS group, which carries nothing else. */
export type Carrier = { key: string; role: string; domain: string; group: string };

const PREFIX = 'exstream:role/';

export const keyOf = (role: string, domain: string): string => `${PREFIX}${role}@${domain}`;

/** The configured mapping of entitlements to carrying groups. */
export class Carriers {
  readonly all: readonly Carrier[];

  constructor(config: Pick<ExstreamConfig, 'roles'>) {
    this.all = Object.entries(config.roles).map(([name, group]) => {
      const { name: role = '', scope: domain = '' } = parseEntitlement(`${PREFIX}${name}`) ?? {};
      return { key: keyOf(role, domain), role, domain, group };
    });
  }

  of(key: string): Carrier | undefined {
    return this.all.find((carrier) => carrier.key === key);
  }

  /** True where the group is the one configured to carry the role there. */
  carries(row: { group: string; roleName: string; domain: { id: string } }): boolean {
    const carrier = this.of(keyOf(row.roleName, row.domain.id));
    return carrier !== undefined && same(carrier.group, row.group);
  }
}

/** Of these domains, the ones that some key or pattern can mean a role in. */
export function domainsIn(interest: readonly string[], domains: readonly string[]): string[] {
  const mine = interest.filter((pattern) => pattern.startsWith('exstream:') || pattern.startsWith('*'));
  return domains.filter((domain) =>
    mine.some((pattern) => {
      const mark = pattern.lastIndexOf('@');
      return mark < 0 ? pattern.includes('*') : matches(pattern.slice(mark + 1), domain);
    }),
  );
}
