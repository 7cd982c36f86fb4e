import { defineSystem, type ReportBlock } from '../system.ts';
import { block, type ExstreamConfig } from './block.ts';
import { createExstream } from './target.ts';

export const exstreamSystem = defineSystem({
  name: 'exstream',
  block,
  vocabulary: {
    kinds: { role: { what: 'has a role in a domain, by the OTDS group that carries it', scoped: true } },
    profile: [],
  },
  check: (config, report) => {
    checkRoles(config, report);
    for (const [domain, { clientId, clientSecret }] of Object.entries(config.domains)) {
      if ((clientId === undefined) !== (clientSecret === undefined))
        report(['domains', domain], 'A client of its own needs both clientId and clientSecret.');
    }
    if ((config.otds.clientId === undefined) !== (config.otds.clientSecret === undefined))
      report(['otds'], 'A client of its own needs both clientId and clientSecret.');
    for (const [index, name] of config.otds.synchronised.entries()) {
      if (!config.otds.partitions.includes(name))
        report(['otds', 'synchronised', index], `"${name}" is not among the partitions.`);
    }
  },
  create: (config, deps) => createExstream(config, deps),
});

/** A group that carried two rights would take both away with one; groups are compared without case, as OTDS does. */
function checkRoles({ roles, domains, otds }: ExstreamConfig, report: ReportBlock): void {
  const seen = new Map<string, string>();
  for (const [name, group] of Object.entries(roles)) {
    const domain = name.slice(name.lastIndexOf('@') + 1);
    if (!Object.hasOwn(domains, domain)) report(['roles', name], `"${domain}" is not among the domains.`);
    const partition = group.slice(group.lastIndexOf('@') + 1);
    if (!otds.partitions.includes(partition))
      report(['roles', name], `The partition of ${group} is not among the partitions of otds.`);
    const other = seen.get(group.toLowerCase());
    if (other !== undefined)
      report(['roles', name], `${group} carries ${other} already; each right needs a group of its own.`);
    seen.set(group.toLowerCase(), name);
  }
}
