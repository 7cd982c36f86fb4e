import { createHash } from 'node:crypto';
import type { CallContext } from '../port.ts';
import type { Exstream } from './context.ts';
import { groupRolesIn } from './rights.ts';
import { same, type RolePermissions } from './shapes.ts';

/** Where Exstream differs from the configured mapping of rights, one sentence each; nothing is changed. */
export type Drift = {
  /** A carrying group that lacks its role. */
  missing: readonly string[];
  /** A group that has a role in one of our domains and is configured nowhere. */
  foreign: readonly string[];
  /** A role that permits something else than it did when its digest was configured. */
  changed: readonly string[];
};

/** Compares group-roles and pinned roles of the configured domains with the configuration. */
export async function groupRoleDrift(ex: Exstream, call: CallContext): Promise<Drift> {
  const { config, carriers } = ex;
  const pinned = Object.entries(config.permissionDigests);
  const [rows, changed] = await Promise.all([
    groupRolesIn(ex, Object.keys(config.domains), call),
    Promise.all(pinned.map(([role, digest]) => changedRole(ex, role, digest, call))),
  ]);
  const missing = carriers.all.filter(
    ({ role, domain, group }) =>
      !rows.some((row) => row.roleName === role && row.domain.id === domain && same(row.group, group)),
  );
  const foreign = rows.filter(
    (row) => !carriers.carries(row) && !config.otherGroups.some((group) => same(group, row.group)),
  );
  return {
    missing: missing.map(({ group, role, domain }) => `Group ${group} lacks role ${role} in ${domain}.`).sort(),
    foreign: foreign
      .map(
        ({ group, roleName, domain }) =>
          `Group ${group} has role ${roleName} in ${domain.id}, which nothing configures.`,
      )
      .sort(),
    changed: changed.flat(),
  };
}

async function changedRole(ex: Exstream, role: string, digest: string, call: CallContext): Promise<string[]> {
  const now = permissionDigest(await ex.design.rolePermissions(role, call));
  return now === digest ? [] : [`Role ${role} permits something else than configured; its digest is now ${now}.`];
}

/** Digest of what a role permits: the texts are opaque, so they are compared whole. */
export function permissionDigest(rows: readonly RolePermissions[]): string {
  const lines = rows.map(({ objectType, permissions }) => JSON.stringify([objectType, permissions ?? '']));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
