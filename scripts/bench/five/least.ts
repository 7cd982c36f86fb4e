/**
 * The least number of calls that a pass over everybody needs, by each contract, for a client that knows nothing yet. Names that ours remembers for a
 * minute may bring a pass below it.
 */
import type { Person } from '../../../src/domain/person.ts';
import { LISTS } from './partners.ts';
import type { World } from './world.ts';

export type Least = { calls: number; why: string };

/** Largest pages that the contracts allow, as far as they say it. */
const PAGE = {
  /** contracts/otds.md 13: `PAGE_SIZE_MAX`, a choice: the real ceiling is unknown. */
  otds: 1_000,
  /** contracts/iconik.md 3: the specification's maximum. */
  iconik: 100,
  /** contracts/cloudinary.md 13: the largest page of users, a choice. */
  cloudinary: 500,
  /** The same: principals on a page of inspect. */
  inspect: 100,
  /** Of our own table, as `push` reads it. */
  push: 500,
} as const;

type Assignment = { principal_id: string; scope_id: string };

const pages = (rows: number, size: number): number => Math.max(1, Math.ceil(rows / size));

/** `accounts`: rows that the list of this target has. */
export async function leastOf(
  world: World,
  target: string,
  people: readonly Person[],
  accounts: number,
): Promise<Least> {
  switch (target) {
    case 'otds': {
      const partitions = [...new Set(people.map(({ partition }) => partition))];
      const users = partitions.map((name) =>
        pages(people.filter(({ partition }) => partition === name).length, PAGE.otds),
      );
      return sum({
        'pages of users by partition': total(users),
        'the one group that counts': 1,
        'pages of its members': pages(people.length, PAGE.otds),
      });
    }
    case 'iconik':
      return sum({ 'pages of users': pages(accounts, PAGE.iconik), 'names of teams': 1, 'names of role groups': 1 });
    case 'cloudinary': {
      // A full page may be the last: only the next one tells.
      const users = Math.floor(accounts / PAGE.cloudinary) + 1;
      const holders = await roleHolders(world);
      return sum({
        'pages of users': users,
        groups: 1,
        environments: 1,
        'pages of roles, by account and by environment': total(holders.map((n) => pages(n, PAGE.inspect))),
        folders: 1,
      });
    }
    case 'exstream': {
      const groups = await groupsWithRoles(world);
      return sum({
        'group-roles': 1,
        'the access role': 1,
        'pages of members of the carrying group': pages(people.length, PAGE.otds),
        'other groups with a role there': groups - 1,
      });
    }
    case 'ftp':
      return sum({ 'lists, each fetched once': LISTS.length });
    default:
      return sum({ 'pages of the table of devices': pages(accounts, PAGE.push) });
  }
}

const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

function sum(parts: Readonly<Record<string, number>>): Least {
  const why = Object.entries(parts).map(([what, count]) => `${count} ${what}`);
  return { calls: total(Object.values(parts)), why: why.join(', ') };
}

/** How many hold a role of the account, and how many one of an environment. */
async function roleHolders({ standIns }: World): Promise<number[]> {
  const { assignments } = await standIns.control('cloudinary', 'GET', '/state');
  const rows = Object.values(assignments as Record<string, Assignment>); // what the stand-in shows of itself
  const accountId = standIns.env['CLOUDINARY_ACCOUNT_ID'];
  const holders = (ofAccount: boolean): number =>
    new Set(rows.filter((row) => (row.scope_id === accountId) === ofAccount).map((row) => row.principal_id)).size;
  return [holders(true), holders(false)];
}

/** Groups that have a role in a domain that Tenure looks after: whoever is in one holds something there. */
async function groupsWithRoles({ standIns }: World): Promise<number> {
  const { groupRoles } = await standIns.control('exstream', 'GET', '/state');
  const rows = Object.values(groupRoles as Record<string, { group: string; domain: string }>);
  return new Set(rows.filter(({ domain }) => ['Development', 'Production'].includes(domain)).map(({ group }) => group))
    .size;
}
