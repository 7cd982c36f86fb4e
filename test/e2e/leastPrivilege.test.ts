/**
 * Least privilege over all systems at once, with configuration and policy as they are shipped: real workflows give each sample person what is due; what they
 * have is then read from each target, and everything else there is tried with credentials of their own and refused.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { ALL_ROLES } from '../../sandbox/iconik/roles.ts';
import { findDaemon, withDaemon } from '../support/daemons.ts';
import { EDIT, look, READ, work } from '../support/iconikRights.ts';
import { openWholeSite, type Credentials, type OwnTries, type Rights, type WholeSite } from '../support/wholeSite.ts';
import { worldOn, type World } from '../support/world.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const proftpd = findDaemon('proftpd');

/** Folders of Cloudinary with what may be done there. */
const on = (may: string, ...folders: string[]): string[] => folders.map((path) => `${may} northwind/${path}`);
const ADD = 'add_assets view_download';
const VIEW = 'download_public_assets view_download';
const CLEAR = 'edit_assets view_download';
const MANAGE = 'add_assets delete_assets download_public_assets edit_assets share view_download';
const MARKETING = ['Marketing', 'Marketing/APAC', 'Marketing/Americas', 'Marketing/Campaigns', 'Marketing/EMEA'];

/** Roles and collections of iconik. */
const iconik = (roles: string[], collections: [string, string[]][] = []): string[] => [
  ...roles,
  ...collections.map(([path, may]) => `${may.join(' ')} ${path}`),
];
const REVIEW = [...READ, 'can_read_shares'];
/** Of teams alone, without a role group. */
const DESK = ['can_read_collections'];
const MEDIA_ADMIN = ALL_ROLES.filter((role) => !/system_domains|_apps/.test(role));

/** Groups that the personnel department put them into, and what the policy adds in OTDS. */
const staff = (department: string, ...more: string[]): string[] => [
  'All Staff@staff',
  `Dept ${department}@staff`,
  ...more,
];
const LIBRARY = ['Access to Media Portal', 'Media Library Users@staff'];
const LETTERS = 'Access to Exstream';

type Sample = { who: string; says: string; joins?: string } & Partial<Rights>;

const SAMPLES: Sample[] = [
  {
    who: 'lucas.moreau@staff',
    says: 'marketing in EMEA reviews, and fills the folder of the region',
    otds: staff('Marketing', 'Marketing Editors@staff', ...LIBRARY),
    iconik: iconik(REVIEW, work('Marketing', 'Marketing EMEA', 'Unit Brand')),
    cloudinary: [...on(ADD, 'Marketing/EMEA'), ...on(VIEW, 'Marketing/Campaigns')],
    ftp: ['acme'],
    push: ['android'],
  },
  {
    who: 'emily.carter@staff',
    says: 'marketing in the Americas has the other region',
    otds: staff('Marketing', 'Marketing Editors@staff', ...LIBRARY),
    iconik: iconik(REVIEW, work('Marketing', 'Marketing Americas', 'Unit Brand')),
    cloudinary: [...on(ADD, 'Marketing/Americas'), ...on(VIEW, 'Marketing/Campaigns')],
    ftp: ['acme'],
  },
  {
    who: 'ben.otto@staff',
    says: 'post-production edits, and hands over to the printing house',
    otds: staff('Post', 'Post Production@staff', ...LIBRARY),
    iconik: iconik([...REVIEW, ...EDIT], work('Post Production', 'Post Americas', 'Unit Trailers')),
    cloudinary: on(ADD, 'Post Production', 'Post Production/Dailies'),
    ftp: ['printco'],
  },
  {
    who: 'chiara.rossi@staff',
    says: 'legal sees and clears, and adds nothing',
    otds: staff('Legal', 'Legal Review@staff', ...LIBRARY),
    iconik: iconik([...REVIEW, 'can_write_approval_status'], work('Legal', 'Legal EMEA', 'Unit Rights')),
    cloudinary: [...on(VIEW, 'Legal', 'Legal/Rights'), ...on(CLEAR, ...MARKETING)],
  },
  {
    who: 'dmitri.volkov@staff',
    says: 'the administrator of the media library, once somebody said yes',
    otds: staff('IT', 'Access to Media Portal', 'Media Admins@staff'),
    iconik: iconik(MEDIA_ADMIN),
    cloudinary: on(MANAGE, 'Finished'),
  },
  {
    who: 'hannah.klein@staff',
    says: 'a letter designer',
    joins: 'Letter Designers@staff',
    otds: staff('Marketing', 'Letter Designers@staff', 'Designers@exstream.role', LETTERS),
    iconik: iconik(DESK, work('Marketing EMEA', 'Unit Trailers')),
    exstream: ['commdesigner@Development'],
  },
  {
    who: 'marta.ferrer@staff',
    says: 'a letter reviewer',
    joins: 'Letter Reviewers@staff',
    otds: staff('Legal', 'Letter Reviewers@staff', 'Reviewers@exstream.role', LETTERS),
    iconik: iconik(DESK, work('Legal EMEA', 'Unit Rights')),
    exstream: ['reviewer@Production'],
  },
  {
    who: 'anna.nowak@staff',
    says: 'an author of letters in one region',
    joins: 'Letter Authors@staff',
    otds: staff('Post', 'Letter Authors@staff', 'Authors EMEA@exstream.role', LETTERS),
    iconik: iconik(DESK, work('Post EMEA', 'Unit Brand')),
    exstream: ['bcauser@Regional EMEA'],
  },
  {
    who: 'lena.fischer@contractors',
    says: 'an agency looks, and delivers into its own folder',
    otds: ['Agency Editors@contractors'],
    iconik: iconik(READ, look('Contractors')),
    cloudinary: on(ADD, 'Contractors'),
    ftp: ['acme'],
  },
  {
    who: 'rosa.print@partners',
    says: 'a printing house sees what is finished',
    otds: ['Print Partners@partners'],
    cloudinary: on(VIEW, 'Finished'),
    ftp: ['printco'],
  },
  { who: 'fiona.dunn@staff', says: 'finance: nothing', otds: [] },
];
const LEAVER = 'carlos.silva@staff';
const DISABLED = 'tom.weber@staff';

/** What is let through where these are the rights. */
function allowed({ iconik = [], cloudinary = [], exstream = [] }: Sample): Record<keyof OwnTries, string[]> {
  const reads = iconik.includes('can_read_collections');
  const writes = iconik.includes('can_write_collections');
  const inExstream: Record<string, string[]> = {
    commdesigner: ['read', 'edit', 'run'],
    bcauser: ['read', 'edit'],
    reviewer: ['read'],
  };
  const onFolders = cloudinary.flatMap((row) => {
    const [may, path] = row.split(' northwind/');
    return [...(may?.includes('add_assets') ? [`add to ${path}`] : []), `see ${path}`];
  });
  return {
    otds: [],
    iconik: [
      ...iconik.flatMap((row) => {
        const { may, path } = /^(?<may>[a-z ]+) (?<path>[A-Z].*)$/.exec(row)?.groups ?? {};
        const read = reads && may?.includes('read') ? [`read ${path}`] : [];
        return [...read, ...(writes && may?.includes('write') ? [`write ${path}`] : [])];
      }),
      ...(iconik.includes('can_read_users') ? ['see users'] : []),
      ...(iconik.includes('can_create_users') ? ['make users'] : []),
      ...(iconik.includes('can_write_role_groups') ? ['give roles'] : []),
    ].sort(),
    cloudinary: onFolders.sort(),
    exstream: exstream
      .flatMap((right) => {
        const [role = '', domain] = right.split('@');
        return (inExstream[role] ?? []).map((action) => `${action} ${domain}`);
      })
      .sort(),
  };
}

let site: WholeSite;
let world: World<WholeSite>;
const before: Record<string, Credentials> = {};

/** One run, through its approval where it has one; all targets are proved at its end. */
async function onboard(who: string): Promise<void> {
  await site.freshQuota();
  const run = await world.start('onboarding', { person: who });
  if (who === 'dmitri.volkov@staff') {
    await world.when(run, 'somebody to be asked', (s) => s.rows.some((r) => r.state.includes('grace.lee@staff')));
    await run.executeUpdate('decide', { args: [{ decision: 'approve', by: 'grace.lee@staff', reason: 'runs it' }] });
  }
  const { outcome, targets } = await world.result(run);
  expect([outcome, ...targets.map(({ state }) => state)]).toEqual(['done', ...targets.map(() => 'proved')]);
  expect(targets.map(({ target }) => target).sort()).toEqual(Object.keys(site.deps.targets).sort());
  await site.accept(who);
}

beforeAll(async () => {
  site = await openWholeSite(proftpd);
  world = await worldOn(site, { messenger: site.messenger });
  const finance = { oTExtraAttr0: 'employee', oTDepartment: 'Finance', oTExtraAttr3: 'EMEA' };
  await site.hr.hire('fiona.dunn@staff', {
    displayName: 'Fiona Dunn',
    mail: 'fiona.dunn@northwind.example',
    ...finance,
  });
  for (const { who, joins } of SAMPLES) if (joins !== undefined) await site.hr.join(who, joins);
  for (const who of ['lucas.moreau@staff', LEAVER]) await site.carries(who);
  for (const { who } of SAMPLES) await onboard(who);
  await onboard(LEAVER);
  before[LEAVER] = await site.credentials(LEAVER);
  before[DISABLED] = await site.credentials(DISABLED);
}, 180_000);
afterAll(() => world.close());
beforeEach(() => site.freshQuota());

/** Without the file server, where there is none. */
const exactly = ({ otds = [], iconik = [], cloudinary = [], exstream = [], ftp = [], push = [] }: Partial<Rights>) => ({
  otds: [...otds].sort(),
  iconik: [...iconik].sort(),
  cloudinary: [...cloudinary].sort(),
  exstream,
  ftp: 'missing' in proftpd ? [] : ftp,
  push,
});

describe('what each person has, read from every target, and what their own credentials open', () => {
  test.each(SAMPLES.map((sample) => [sample.who, sample.says, sample] as const))(
    '%s: %s',
    async (who, _says, sample) => {
      expect(await site.rights(who)).toEqual(exactly(sample));
      const tries = await site.tries(who, await site.credentials(who));
      const let_ = Object.fromEntries(Object.entries(tries).map(([target, told]) => [target, told.let]));
      expect(let_).toEqual(allowed(sample));
      // Where they have an account, everything there was tried.
      const { otds, iconik: onIconik, cloudinary, exstream } = tries;
      expect([otds.tried, onIconik.tried > 0, cloudinary.tried > 0, exstream.tried > 0]).toEqual([
        5,
        sample.iconik !== undefined,
        sample.cloudinary !== undefined,
        sample.exstream !== undefined,
      ]);
    },
  );
});

describe('whoever goes keeps nothing, on any system', () => {
  /** Groups of the personnel department stay: they are not Tenure's to take. */
  const gone = (...groups: string[]) => exactly({ otds: groups });
  const offboard = async (person: string, how: object): Promise<void> => {
    const run = await world.start('offboarding', { person, ...how });
    await world.when(run, 'the last check', (s) => s.stage === 'last check');
    await run.terminate('What follows is the last check, a day later.');
  };

  /** Log-ins are refused, and so is what was logged in before; but tickets and tokens that OTDS gave out live on until they end (its proof limits). */
  const shutOut = async (who: string): Promise<void> => {
    const { iconik: oldIconik, cloudinary: oldCloudinary } = before[who]!;
    const nobody = { otds: undefined, iconik: undefined, cloudinary: undefined, exstream: undefined };
    const old = await site.tries(who, { ...nobody, iconik: oldIconik, cloudinary: oldCloudinary });
    expect([old.iconik.tried > 50, old.cloudinary.tried > 20]).toEqual([true, true]);
    expect([old.iconik.let, old.cloudinary.let]).toEqual([[], []]);
    const { otds, iconik: newIconik, exstream, cloudinary } = await site.credentials(who);
    expect([otds, newIconik, exstream]).toEqual([undefined, undefined, undefined]);
    expect((await site.tries(who, { ...nobody, cloudinary })).cloudinary.let).toEqual([]);
  };

  test('a leaver, at once', async () => {
    const had = await site.rights(LEAVER);
    expect(Object.entries(had).flatMap(([target, held]) => (held.length > 0 ? [target] : []))).toEqual([
      'otds',
      'iconik',
      'cloudinary',
      ...('missing' in proftpd ? [] : ['ftp']),
      'push',
    ]);
    await offboard(LEAVER, { urgent: true, by: 'grace.lee@staff', reason: 'left' });
    expect(await site.rights(LEAVER)).toEqual(gone(...staff('Post', 'Post Production@staff')));
    await shutOut(LEAVER);
    const { uuid } = await site.person(LEAVER);
    const proofs = await site.ledger.proofs(uuid);
    for (const target of Object.keys(site.deps.targets)) expect(proofs[target]).toMatchObject({ current: true });
  });

  test('somebody who is disabled in OTDS, whom no other system was told of', async () => {
    expect((await site.rights(DISABLED)).cloudinary).toContain(`${VIEW} northwind/Legal`);
    await offboard(DISABLED, { fromDirectory: true });
    expect(await site.rights(DISABLED)).toEqual(gone('Post Production@staff'));
    await shutOut(DISABLED);
  });

  test('an agency’s contractor, when the contract is over', async () => {
    const summaries = await site.settle('lena.fischer@contractors', { now: '2027-04-02T00:00:00.000Z' });
    expect(Object.values(summaries).map(({ state }) => state)).toEqual(Object.keys(summaries).map(() => 'proved'));
    expect(await site.rights('lena.fischer@contractors')).toEqual(gone('Agency Editors@contractors'));
  });
});

test('a second pass over everybody changes nothing', async () => {
  for (const { who } of SAMPLES.filter((sample) => !sample.who.endsWith('@contractors'))) {
    await site.freshQuota();
    const summaries = Object.values(await site.settle(who));
    expect([who, ...summaries.flatMap(({ applied }) => applied)]).toEqual([who]);
  }
});

withDaemon(proftpd)(
  'partners’ lists have exactly whom the policy approves, beside the partners’ own rows',
  async () => {
    const samples = SAMPLES.filter(({ who }) => !who.endsWith('@contractors'));
    const due = (partner: string) => samples.filter(({ ftp }) => ftp?.includes(partner)).map(({ who }) => who);
    expect(site.listed('acme')).toEqual(['old.hand@acme', ...due('acme')]);
    expect(site.listed('printco')).toEqual(['press@printco', ...due('printco')]);
  },
);
