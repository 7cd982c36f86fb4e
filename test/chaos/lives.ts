/** Ten people and what happens to each: all of it from the seed's numbers. */
import { whoIs, type Fields, type Hire, type Hr } from './company.ts';
import type { Given } from './oracle.ts';
import { EXISTING, NEWCOMERS, OUTSIDERS, staff } from './people.ts';
import type { Random } from './random.ts';

export type RunType = 'onboarding' | 'roleChange' | 'offboarding';

/** What a life may do and wait for; the driver gives it. */
export type World = {
  hr: Hr;
  /** Lets the system work for a while: until some requests were made, or a little time has passed. */
  pause(random: Random): Promise<void>;
  /** The person's app registers their device. */
  device(who: string, uuid: string): Promise<void>;
  /** An operator starts a run by hand; `again`: under an id of its own, beside one that may be open. */
  start(type: RunType, who: string, input?: Record<string, unknown>, again?: boolean): Promise<void>;
  /** Returns once the newest desired of the person says so. */
  noticed(who: string, what: string, look: (desired: Desired) => boolean): Promise<void>;
  /** Returns once everything about the person is proved: no call for what was demanded before is on its way any more. */
  proved(who: string): Promise<void>;
  /** Returns once the person's account was proved disabled in OTDS after everything decided so far. */
  provedDisabled(who: string): Promise<void>;
  /** Gives the decision to whichever run asks for it. */
  decide(who: string, decision: 'approve' | 'reject' | 'withdraw', reason: string): Promise<void>;
  /** True while kills are still planned: whoever moves goes on moving, so that there is work to be killed in. */
  more(): boolean;
  /** Told to the oracle. */
  given(decision: Given): void;
};

/** Of a stored desired, what lives look at. */
export type Desired = {
  standing: string;
  targets: Record<string, { entitlements: { key: string; until?: string }[] }>;
};

export type Life = { name: string; who: string; live: (world: World) => Promise<void> };

const ADMIN = 'iconik:roles/Media Library Admin';
const GROUP: Record<string, string> = {
  Marketing: 'Marketing Editors@staff',
  Post: 'Post Production@staff',
  Legal: 'Legal Review@staff',
};
const REGIONS = ['EMEA', 'Americas', 'APAC'];
const UNITS = ['Brand', 'Trailers', 'Rights', ''];

/** A person in motion: where they are now, and the random numbers of their life. */
class Part {
  readonly who: string;
  readonly hire: Hire;
  readonly random: Random;
  readonly world: World;
  department: string;
  constructor(world: World, hire: Hire, department: string, random: Random) {
    this.world = world;
    this.hire = hire;
    this.department = department;
    this.random = random;
    this.who = whoIs(hire);
  }

  pause(): Promise<void> {
    return this.world.pause(this.random);
  }

  /** Another department, region, unit: some edits at once, in any order, seen half-done by whoever reads in between. */
  async move(): Promise<void> {
    const { hr } = this.world;
    const to = this.random.pick(Object.keys(GROUP).filter((d) => d !== this.department));
    const from = this.department;
    this.department = to;
    const fields: Fields = { department: to, region: this.random.pick(REGIONS), unit: this.random.pick(UNITS) };
    const edits = [
      () => hr.edit(this.hire, fields),
      () => hr.leave(this.hire, GROUP[from] ?? ''),
      () => hr.join(this.hire, GROUP[to] ?? ''),
    ];
    for (const edit of this.random.shuffled(edits)) {
      await edit();
      if (this.random.chance(0.3)) await this.pause();
    }
  }

  async arrive(fields: Fields = {}): Promise<void> {
    const { hr } = this.world;
    const first: Fields = {
      region: this.random.pick(REGIONS),
      unit: this.random.pick(UNITS),
      department: this.department,
    };
    await hr.hire(this.hire, { type: 'employee', manager: 'omar.haddad@staff', ...first, ...fields });
    await hr.join(this.hire, GROUP[this.department] ?? '');
    await this.carry();
  }

  /** Registers their phone: while they are there, for nobody who left could. */
  async carry(): Promise<void> {
    await this.world.device(this.who, await this.world.hr.uuid(this.hire));
    this.world.given({ who: this.who, kind: 'device', at: new Date().toISOString() });
  }

  /** By hand, or left to the watch; sometimes twice. */
  async run(type: RunType, byHand = 0.5): Promise<void> {
    if (!this.random.chance(byHand)) return;
    await this.world.start(type, this.who);
    if (this.random.chance(0.4)) await this.world.start(type, this.who, {}, true);
  }
}

type Biography = (part: Part) => Promise<void>;

/** Moves again and again. */
const mover: Biography = async (p) => {
  for (let moves = p.random.int(2, 3); moves > 0 || p.world.more(); moves--) {
    await p.move();
    await p.run('roleChange');
    await p.pause();
  }
  if (p.random.chance(0.5)) await p.world.hr.rename(p.hire, `${p.hire.family}-Gray`);
  if (p.random.chance(0.5)) await p.world.hr.join(p.hire, 'Project Aurora@staff');
};

/** Leaves and comes back, sometimes before anybody has noticed; in another department. */
const rehire: Biography = async (p) => {
  for (let times = p.random.int(1, 2); times > 0; times--) {
    await p.world.hr.disable(p.hire, true);
    await p.pause();
    if (p.random.chance(0.7)) await p.world.noticed(p.who, 'leaver', (d) => d.standing === 'leaver');
    if (p.random.chance(0.5)) await p.move();
    await p.world.hr.disable(p.hire, false);
    if (p.random.chance(0.5)) await p.carry();
    await p.run('onboarding');
    await p.pause();
  }
  if (p.random.chance(0.4)) await p.world.hr.disable(p.hire, true);
};

/** A departure recorded by hand, and taken back. */
const staysAfterAll: Biography = async (p) => {
  await p.pause();
  const urgent = p.random.chance(0.5);
  p.world.given({ who: p.who, kind: 'depart', urgent, at: new Date().toISOString() });
  await p.world.start('offboarding', p.who, { by: 'grace.lee@staff', reason: 'gave notice', urgent });
  await p.world.provedDisabled(p.who);
  if (p.random.chance(0.5)) await p.move();
  // Before it is said: Tenure may act on it before the answer is back.
  p.world.given({ who: p.who, kind: 'withdraw', at: new Date().toISOString() });
  await p.world.decide(p.who, 'withdraw', 'stays after all');
  await p.pause();
};

/** Moves, and leaves for good by a departure while the directory still says active. */
const departed: Biography = async (p) => {
  await p.move();
  await p.run('roleChange', 0.7);
  await p.pause();
  const urgent = p.random.chance(0.5);
  p.world.given({ who: p.who, kind: 'depart', urgent, at: new Date().toISOString() });
  await p.world.start('offboarding', p.who, { by: 'grace.lee@staff', reason: 'left', urgent });
  if (p.random.chance(0.5)) await p.world.start('roleChange', p.who, {}, true);
  await p.pause();
};

/** Nobody starts a run for this one. */
const watched: Biography = async (p) => {
  // Somebody gone before anybody looked is known to nobody.
  await p.world.noticed(p.who, 'anything', () => true);
  await p.move();
  await p.pause();
  await p.world.hr.disable(p.hire, true);
  await p.pause();
  if (p.random.chance(0.5)) {
    await p.world.hr.disable(p.hire, false);
    await p.move();
  } else if (p.random.chance(0.5)) await p.world.hr.delete(p.hire);
};

const joiner: Biography = async (p) => {
  await p.pause();
  await p.arrive();
  await p.run('onboarding', 0.8);
  await p.pause();
  if (p.random.chance(0.5)) {
    await p.move();
    await p.run('roleChange', 0.3);
  }
};

const later: Biography = async (p) => {
  const start = new Date(Date.now() + p.random.int(3_000, 8_000)).toISOString();
  await p.arrive({ start });
  await p.run('onboarding', 0.7);
  await p.pause();
};

const outsider: Biography = async (p) => {
  const end = new Date(Date.now() + p.random.int(4_000, 12_000)).toISOString();
  await p.world.hr.hire(p.hire, { type: 'contractor', region: 'EMEA', end });
  await p.world.hr.join(p.hire, 'Agency Editors@contractors');
  await p.carry();
  await p.run('onboarding', 0.5);
  await p.pause();
};

/** One demand of privileged access, decided. */
async function demanded(p: Part, demand: number, verdict: 'approve' | 'reject'): Promise<void> {
  p.world.given({ who: p.who, kind: verdict, demand, at: new Date().toISOString() });
  await p.world.decide(p.who, verdict, `demand ${demand}`);
  await p.pause();
}

const holdsAdmin = (d: Desired): boolean =>
  Object.values(d.targets).some((t) => t.entitlements.some((e) => e.key === ADMIN));

/** Joins with privileged access, or gets it later. */
const trusted: Biography = async (p) => {
  await p.arrive();
  await p.run('onboarding', 0.6);
  if (p.random.chance(0.5)) await p.pause();
  await p.world.hr.join(p.hire, 'Media Admins@staff');
  p.world.given({ who: p.who, kind: 'demand', demand: 1, at: new Date().toISOString() });
  await demanded(p, 1, p.random.chance(0.7) ? 'approve' : 'reject');
};

/** Privileged, out, and in again: the decision of the first time does not count for the second. */
const trustedTwice: Biography = async (p) => {
  const { hr } = p.world;
  const [first, second] = p.random.pick([
    ['approve', 'reject'],
    ['reject', 'approve'],
    ['approve', 'approve'],
    ['approve', undefined],
  ] as const);
  p.world.given({ who: p.who, kind: 'demand', demand: 1, at: new Date(0).toISOString() });
  await demanded(p, 1, first);
  const leave = p.random.chance(0.5);
  if (leave) await hr.disable(p.hire, true);
  else await hr.leave(p.hire, 'Media Admins@staff');
  await p.run(leave ? 'onboarding' : 'roleChange', 0.3);
  await p.world.noticed(p.who, 'no admin', (d) => !holdsAdmin(d));
  await p.world.proved(p.who);
  p.world.given({ who: p.who, kind: 'demand', demand: 2, at: new Date().toISOString() });
  if (leave) await hr.disable(p.hire, false);
  else await hr.join(p.hire, 'Media Admins@staff');
  await p.run(leave ? 'onboarding' : 'roleChange', 0.3);
  if (second) await demanded(p, 2, second);
  else await p.world.noticed(p.who, 'admin again', holdsAdmin);
};

/** The ten lives of a seed. */
export function livesOf(random: Random): Life[] {
  const of = (name: string, hire: Hire, department: string, biography: Biography): Life => ({
    name,
    who: whoIs(hire),
    live: (world) => biography(new Part(world, hire, department, random.fork(name))),
  });
  /** Somebody who is there already, and has the app. */
  const known: typeof of = (name, hire, department, biography) =>
    of(name, hire, department, async (part) => {
      await part.carry();
      await biography(part);
    });
  const old = random.shuffled(EXISTING);
  const oldLives = (
    [
      ['mover', mover],
      ['rehire', rehire],
      ['stays', staysAfterAll],
      ['departed', departed],
      ['watched', watched],
    ] as const
  ).map(([name, biography], i) => {
    const { hire, department } = old[i] ?? EXISTING[0]!;
    return known(name, hire, department, biography);
  });
  const fresh = random.shuffled(NEWCOMERS);
  const department = (): string => random.pick(Object.keys(GROUP));
  const newLives = (
    [
      ['joiner', joiner],
      ['later', later],
    ] as const
  ).map(([name, biography], i) => of(name, fresh[i] ?? NEWCOMERS[0]!, department(), biography));
  return [
    ...oldLives,
    ...newLives,
    // Not in Legal: approving and administering exclude each other.
    of('trusted', fresh[2] ?? NEWCOMERS[2]!, random.pick(['Marketing', 'Post']), trusted),
    known('trustedTwice', staff('dmitri.volkov', 'Dmitri', 'Volkov'), 'IT', trustedTwice),
    of('outsider', random.pick(OUTSIDERS), '', outsider),
  ];
}
