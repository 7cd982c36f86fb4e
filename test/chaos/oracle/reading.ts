/** What the oracle reads: `/state` and `/ledger` of the stand-ins, in the forms that the systems' contracts give them. */

import { isDeepStrictEqual } from 'node:util';

export type Json = Record<string, unknown>;
export type Write = { object: string; id: string; before: Json | null; after: Json | null };
export type Entry = {
  seq: number;
  at: string;
  caller: string;
  writes: Write[];
  fault?: { kind: string } | null;
  replied?: boolean;
};
/** One write of Tenure's, with the line of the ledger that it stands in. */
export type Seen = Write & { at: string; seq: number };
export type Values = Record<string, string[]>;

export type OtdsUser = { uuid: string; name: string; partition: string; attributes: Values };
type Named = { uuid: string; name: string; partition: string };
type Members = { users: string[]; groups: string[] };
export type OtdsState = {
  users: Record<string, OtdsUser>;
  groups: Record<string, Named>;
  members: Record<string, Members>;
  accessRoles: Record<string, { uuid: string; name: string; members: Members }>;
};

export type IconikUser = {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  type: string;
  status: string;
  groups: string[];
};
type Rows = Record<string, { users: Record<string, unknown> }>;
export type IconikState = {
  users: Record<string, IconikUser>;
  groups: Record<string, { id: string; kind: string; name: string }>;
  acls: Rows;
  propagating: Rows;
};

export type CloudinaryUser = {
  id: string;
  name: string;
  email: string;
  role: string;
  enabled: boolean;
  sub_account_ids: string[];
};
export type Assignment = {
  principal_type: string;
  principal_id: string;
  role_id: string;
  policy_parameters: Record<string, string>;
};
export type CloudinaryState = {
  users: Record<string, CloudinaryUser>;
  groups: Record<string, { id: string; name: string; users: string[] }>;
  environments: Record<string, { id: string; cloud_name: string }>;
  assignments: Record<string, Assignment>;
  folders: Record<string, { path: string }>;
};

export type ExstreamState = {
  roles: Record<string, { name: string }>;
  groupRoles: Record<string, { group: string; roleId: string; domain: string }>;
};

/** Partner → its list as it lies published. */
export type FtpState = { lists: Record<string, string> };
export type FcmState = { phones: Record<string, { user: string; inbox: { id: string; received: string }[] }> };

export type States = {
  otds: OtdsState;
  iconik: IconikState;
  cloudinary: CloudinaryState;
  exstream: ExstreamState;
  fcm: FcmState;
  /** Absent where no FTP server runs. */
  ftp?: FtpState;
};
export type Name = keyof States;
/** Control addresses. */
export type Addresses = Record<Exclude<Name, 'ftp'>, string> & { ftp?: string };
/** Who Tenure is where others write too. */
export type Callers = Partial<Record<Name, string>>;
/** How things stood before anything happened. */
export type Baseline = States & { seq: Partial<Record<Name, number>>; at: string };

const NAMES: readonly Name[] = ['otds', 'iconik', 'cloudinary', 'exstream', 'fcm', 'ftp'];

async function get<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`GET ${url}: ${reply.status}`);
  return (await reply.json()) as T; // the control contract
}

async function eachOf<T>(
  controls: Addresses,
  read: (url: string, name: Name) => Promise<T>,
): Promise<Partial<Record<Name, T>>> {
  const pairs = NAMES.map(async (name) => {
    const url = controls[name];
    return url === undefined ? [] : [[name, await read(url, name)] as const];
  });
  return Object.fromEntries((await Promise.all(pairs)).flat());
}

export async function statesOf(controls: Addresses): Promise<States> {
  return (await eachOf(controls, (url) => get(`${url}/state`))) as unknown as States; // each as its system's contract says
}

export async function readBaseline(controls: Addresses): Promise<Baseline> {
  const states = await statesOf(controls);
  const seq = await eachOf(controls, async (url) => (await get<{ next: number }>(`${url}/ledger`)).next);
  return { ...states, seq, at: new Date().toISOString() };
}

/** Lines written since the baseline. */
export async function entriesSince(controls: Addresses, from: Baseline): Promise<Partial<Record<Name, Entry[]>>> {
  return await eachOf(
    controls,
    async (url, name) => (await get<{ entries: Entry[] }>(`${url}/ledger?since=${from.seq[name] ?? 0}`)).entries,
  );
}

/** Not effects on anybody's access. */
const ASIDE = ['ticket', 'token', 'bearer', 'waiting', 'inbox', 'device', 'tap'];

/** Tenure's writes in such lines. */
export function writesOf(all: readonly Entry[] = [], caller?: string): Seen[] {
  const own = all.filter((entry) => caller === undefined || entry.caller === caller);
  return own.flatMap((entry, line) =>
    entry.writes
      .filter((write) => !ASIDE.includes(write.object) && !nobodyCouldKnow(own.slice(0, line), entry, write))
      .map((write) => ({ ...write, at: entry.at, seq: entry.seq })),
  );
}

/** How late reads may be in a chaos run, by what its targets declare. */
const LAG_MS = 1_500;

/**
 * A repeat without effect of a write whose reply was lost, after a read of the past: both at once leave nobody a way to know that it was made.
 * Without the lost reply, or without the late read, the repeat is needless.
 */
function nobodyCouldKnow(before: readonly Entry[], entry: Entry, { object, id, ...write }: Write): boolean {
  if (!isDeepStrictEqual(write.before, write.after)) return false;
  const recent = before.filter(({ at }) => Date.parse(entry.at) - Date.parse(at) <= LAG_MS);
  const lost = recent.findLastIndex(({ writes }) => writes.some((w) => w.object === object && w.id === id));
  return (
    lost >= 0 && recent[lost]?.replied === false && recent.slice(lost).some(({ fault }) => fault?.kind === 'stale')
  );
}
