/** An engine on OTDS and Exstream, both over real HTTP: who works with letters at Northwind, by groups of the personnel department. */
import { randomUUID } from 'node:crypto';
import type { ConvergeSummary } from '../../src/activities/types.ts';
import type { PostgresLedger } from '../../src/ledger/index.ts';
import { decide, type DecideRequest, type DecideVerdict } from '../../src/provisioning/decide.ts';
import type { Attempt, EngineDeps } from '../../src/provisioning/engine.ts';
import { openAsks, resolve } from '../../src/provisioning/resolve.ts';
import type { ExstreamSystem } from '../../src/systems/exstream/target.ts';
import { asExstreamUser, Passwords, triesOnExstream, type Try } from './asPerson.ts';
import { startExstreamBench, type ExstreamBench } from './exstreamStandIn.ts';
import { Hr } from './hr.ts';
import { SETTINGS } from './rig.ts';
import { attempt, openSiteEngine } from './siteEngine.ts';

export const ADMIN_EMEA = 'ingrid.solberg@staff';
export const ADMIN_APAC = 'mei.chen@staff';

const POLICY = `
version: 1
managed: [ 'exstream:role/*@*' ]
accounts: { exstream: { whenUnused: disable } }
rules:
  - name: designers
    when: '"Letter Designers@staff" in person.groups'
    grant: [ exstream:role/commdesigner@Development ]
  - name: reviewers
    when: '"Letter Reviewers@staff" in person.groups'
    grant: [ exstream:role/reviewer@Production ]
  - name: operators
    when: '"Letter Operators@staff" in person.groups'
    grant: [ exstream:role/tenantuser@Production ]
  - name: archivists
    when: '"Letter Archivists@staff" in person.groups'
    grant: [ exstream:role/readonly@Production ]
  - name: authors-emea
    when: '"Letter Authors@staff" in person.groups && has(person.region) && person.region == "EMEA"'
    grant: [ exstream:role/bcauser@Regional EMEA ]
    approval: { by: { group: Admins EMEA@exstream.role }, within: 3 days }
  - name: authors-apac
    when: '"Letter Authors@staff" in person.groups && has(person.region) && person.region == "APAC"'
    grant: [ exstream:role/bcauser@Regional APAC ]
    approval: { by: { group: Admins APAC@exstream.role }, within: 3 days }
conflicts:
  - { name: create-and-approve, between: [ 'exstream:role/commdesigner@*', 'exstream:role/reviewer@*' ], mode: enforce, window: 30 days }
`;

export type ExstreamSite = {
  readonly deps: EngineDeps;
  readonly ledger: PostgresLedger;
  readonly bench: ExstreamBench;
  readonly exstream: ExstreamSystem;
  readonly hr: Hr;
  attempt(over?: Partial<Attempt>): Attempt;
  /** Resolve, then both targets at once. */
  settle(who: string, over?: Partial<Attempt>): Promise<Record<'otds' | 'exstream', ConvergeSummary>>;
  /** What waits for a decision about somebody: rule and what it would grant. */
  asks(who: string): Promise<NonNullable<DecideRequest['ask']>[]>;
  decide(who: string, request: Omit<DecideRequest, 'person' | 'key' | 'reason'>): Promise<DecideVerdict>;
  /** What somebody really has, by Exstream itself: `role@domain`. */
  rights(who: string): Promise<string[]>;
  /** A token by the person's own password; undefined: not let in. */
  ownToken(who: string): Promise<string | undefined>;
  /** Reading, editing and running in each domain with the person's own password. */
  tries(who: string): Promise<Try[]>;
  /** Approves the communication that waits in Production, with the person's own password; 200: it was theirs to do. */
  approves(who: string): Promise<number>;
  close(): Promise<void>;
};

export async function openExstreamSite(): Promise<ExstreamSite> {
  const bench = await startExstreamBench();
  const hr = new Hr(bench.otds);
  await furnishExstream(bench, hr);
  const central = {
    'tenantuser@Production': 'Operators@exstream.role',
    'readonly@Production': 'Archivists@exstream.role',
  };
  const roles = { ...bench.config.roles, ...central };
  const exstream = bench.client({ roles, otherGroups: adminGroups(bench) });
  const otds = bench.otds.otds;
  const engine = await openSiteEngine({
    directory: otds.directory,
    targets: { otds: otds.target, exstream: exstream.target },
    policy: POLICY,
    settings: SETTINGS,
  });
  const { deps, ledger } = engine;
  const passwords = new Passwords(bench.otds);
  const site: ExstreamSite = {
    deps,
    ledger,
    bench,
    exstream,
    hr,
    attempt,
    async settle(who, over) {
      const { otds: onOtds, exstream: onExstream } = await engine.settle(who, over);
      return { otds: onOtds!, exstream: onExstream! };
    },
    async asks(who) {
      const now = attempt().now;
      const { desired } = await resolve(deps, who, undefined, attempt());
      const { decisions, heldUntil } = await ledger.note(desired.person);
      return openAsks(desired, decisions, heldUntil, now).map(({ grant, entitlements }) => ({
        item: grant.rule,
        demand: grant.demand,
        digest: grant.digest,
        entitlements,
        rung: 'first' as const,
      }));
    },
    async decide(who, request) {
      const person = await bench.otds.person(who);
      return await decide(deps, { person, reason: 'a test', key: randomUUID(), ...request }, attempt());
    },
    async rights(who) {
      const person = await bench.otds.person(who);
      const { rights } = await exstream.effectiveRights({ person }, attempt());
      return rights.filter(({ permissions }) => permissions?.length).map(({ role, domain }) => `${role}@${domain}`);
    },
    async ownToken(who) {
      await passwords.give(who);
      return await bench.token(who);
    },
    async tries(who) {
      await passwords.give(who);
      const ask = await asExstreamUser(bench, who);
      return ask ? await triesOnExstream(ask, Object.keys(bench.config.domains)) : [];
    },
    async approves(who) {
      const at = '/resources/Production';
      const { body } = await bench.design('GET', `${at}?filter.states=REVIEW&filter.types=exstrapplication`);
      const [waiting] = body['data'] as { id: string }[];
      const token = (await site.ownToken(who)) ?? '';
      const reply = await bench.design('PUT', `${at}/${waiting?.id}/state`, { body: { state: 'APPROVED' }, token });
      return reply.status;
    },
    async close() {
      await engine.close();
      await bench.close();
    },
  };
  return site;
}

const adminGroups = ({ config }: ExstreamBench): string[] =>
  config.otherGroups.filter((group) => /admins /i.test(group));

/** Groups beside those of the seed, a second regional administrator, and none of the seed's own group-roles but administrators'. */
export async function furnishExstream(bench: ExstreamBench, hr: Hr): Promise<void> {
  await bench.otds.admin('POST', '/groups', { name: 'Letter Archivists', userPartitionID: 'staff' });
  await bench.otds.admin('POST', '/groups', { name: 'Archivists', userPartitionID: 'exstream.role' });
  await hr.join(ADMIN_APAC, 'Admins APAC@exstream.role');
  const { body } = await bench.design('GET', '/group-roles');
  const rows = body['data'] as { group: string; roleName: string; domain: { id: string } }[];
  const kept = [...Object.values(bench.config.roles), ...adminGroups(bench), 'otadmins@otds.admin'];
  for (const { group, roleName, domain } of rows.filter((row) => !kept.includes(row.group)))
    await bench.design('DELETE', '/group-roles', { body: { group, roleName, domain } });
}
