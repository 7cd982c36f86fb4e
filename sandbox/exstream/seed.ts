import { company, generate } from '../company.ts';
import type { Company } from '../company.ts';
import { digest, uuidOf } from './ids.ts';
import { permissionText } from './rules/rights.ts';
import type { Right } from './rules/rights.ts';
import { seedAssets } from './seedAssets.ts';
import { seedFlows } from './seedFlows.ts';
import type { Domain, Person, Role, State } from './state.ts';

/** The secret of the service clients and the password of every person of the seed. */
export type SeedSecrets = { clientSecret: string; password: string };
export const SECRETS: SeedSecrets = { clientSecret: 'exstream-sandbox-secret', password: 'exstream-sandbox' };

/** Stock groups live in this partition (contract section 7). */
const STOCK = 'exstream.role';

/** Stock role names of CE 22.4, and one of Northwind's own; what each may do is made up. */
const ROLES: Record<string, { text: string; rights: Right[] }> = {
  tenantadmin: { text: 'Administers the tenant', rights: ['READ', 'EDIT', 'REVIEW', 'APPROVE', 'RUN', 'ADMIN'] },
  tenantuser: { text: 'Uses the tenant', rights: ['READ', 'RUN'] },
  commdesigner: { text: 'Designs communications', rights: ['READ', 'EDIT', 'REVIEW', 'RUN'] },
  bcauser: { text: 'Writes content', rights: ['READ', 'EDIT', 'REVIEW'] },
  reviewer: { text: 'Reviews', rights: ['READ', 'APPROVE'] },
  readonly: { text: 'Looks', rights: ['READ'] },
  'release approver': { text: 'Has the last word on what goes out', rights: ['READ', 'APPROVE', 'RUN'] },
};

function roleId(name: string): string {
  return uuidOf(`role:${name}`);
}

const domain = (id: string, o: Partial<Domain>): Domain => ({
  id,
  description: '',
  production: false,
  jobTracing: false,
  workflow: 'NORMAL',
  restrictApproval: false,
  parent: null,
  editable: true,
  approvalGroups: [],
  ...o,
});

const DOMAINS: Domain[] = [
  domain('Development', { description: 'Where letters are designed' }),
  domain('Production', {
    description: 'What goes out',
    production: true,
    jobTracing: true,
    workflow: 'ADVANCED',
    restrictApproval: true,
    approvalGroups: [
      {
        resourceTypes: ['exstrapplication'],
        approvalRoles: [
          { roleId: roleId('reviewer'), level: 1, email: 'legal@northwind.example' },
          { roleId: roleId('release approver'), level: 2, email: null },
        ],
      },
    ],
  }),
  domain('Regional EMEA', { description: 'Regional administration', workflow: 'SIMPLE', parent: 'Production' }),
  domain('Testdomain', { description: 'The domain of the vendor’s request collection' }),
];

/**
 * Group → role → domains. "All Staff" only contains other groups: flat membership gives nobody its role. The group of
 * OTDS administrators is there for an OTDS whose service client is in it. The last ones carry a right each, for whoever is put into them.
 */
const GROUP_ROLES: [group: string, role: string, domains: string[]][] = [
  [`tenantadmins@${STOCK}`, 'tenantadmin', ['Development', 'Production', 'Regional EMEA', 'Testdomain']],
  ['otadmins@otds.admin', 'tenantadmin', ['Development', 'Production', 'Regional EMEA', 'Testdomain']],
  [`tenantusers@${STOCK}`, 'tenantuser', ['Development', 'Production']],
  ['Media Admins@staff', 'tenantadmin', ['Development', 'Production']],
  ['Marketing Editors@staff', 'bcauser', ['Development', 'Production']],
  ['Post Production@staff', 'commdesigner', ['Development']],
  ['Legal Review@staff', 'reviewer', ['Development', 'Production']],
  ['Security Approvers@staff', 'release approver', ['Production']],
  ['Agency Editors@contractors', 'bcauser', ['Development']],
  ['All Staff@staff', 'readonly', ['Production']],
  [`Designers@${STOCK}`, 'commdesigner', ['Development']],
  [`Reviewers@${STOCK}`, 'reviewer', ['Production']],
  [`Operators@${STOCK}`, 'tenantuser', ['Production']],
  [`Authors EMEA@${STOCK}`, 'bcauser', ['Regional EMEA']],
];

/** The seed company, or a generated one of that many people. */
export function seed(o: { seed?: string; people?: number }, secrets: SeedSecrets): State {
  const from =
    o.people === undefined && o.seed === undefined ? company : generate(o.people ?? company.people.length, o.seed);
  const state: State = {
    n: 0,
    tenant: 'northwind',
    domains: Object.fromEntries(DOMAINS.map((one) => [one.id, structuredClone(one)])),
    ...rolesAndGroups(),
    resources: {},
    history: {},
    links: [],
    imports: {},
    jobs: {},
    flowInstances: {},
    flowSteps: {},
    inputs: {},
    deliveries: {},
    renders: {},
    documents: {},
    cronJobs: {},
    configuration: {},
    flowModels: {},
    ...directoryOf(from),
    clients: Object.fromEntries(
      ['tenure', 'empower'].map((id) => [id, { secretDigest: digest(secrets.clientSecret) }]),
    ),
    passwordDigest: digest(secrets.password),
    tokens: {},
    cacheUpdates: 0,
    chosen: {},
  };
  seedAssets(state);
  seedFlows(state);
  return state;
}

function rolesAndGroups(): Pick<State, 'roles' | 'rolePermissions' | 'groupRoles'> {
  const roles: Record<string, Role> = {};
  const out: Pick<State, 'roles' | 'rolePermissions' | 'groupRoles'> = { roles, rolePermissions: {}, groupRoles: {} };
  for (const [name, { text, rights }] of Object.entries(ROLES)) {
    const id = roleId(name);
    const isAdmin = rights.includes('ADMIN');
    const texts = { appPermissions: permissionText('READ'), adminPermissions: isAdmin ? permissionText('ADMIN') : '' };
    roles[id] = { id, name, description: text, ...texts };
    const row = { roleName: name, objectType: 'all', permissions: permissionText(...rights) };
    out.rolePermissions[`${name}/all`] = row;
  }
  for (const [group, role, domains] of GROUP_ROLES) {
    for (const name of domains) {
      const row = { group, roleId: roleId(role), domain: name };
      out.groupRoles[`${name}/${row.roleId}/${group.toLowerCase()}`] = row;
    }
  }
  return out;
}

function directoryOf(from: Company): Pick<State, 'people' | 'groupParents'> {
  const people: Record<string, Person> = {
    [`tenantadmin@${STOCK}`]: { groups: [`tenantadmins@${STOCK}`], disabled: false },
    'tenure@OAuthClients': { groups: [`tenantadmins@${STOCK}`], disabled: false },
    'empower@OAuthClients': { groups: [`empowerintegrators@${STOCK}`], disabled: false },
  };
  for (const one of from.people) people[`${one.login}@${one.partition}`] = { groups: [], disabled: one.disabled };
  const groupParents: Record<string, string[]> = {};
  for (const { group, kind, member } of from.memberships) {
    if (kind === 'user') people[member]?.groups.push(group);
    else (groupParents[member] ??= []).push(group);
  }
  return { people, groupParents };
}
