import type { Actual, Change } from '../../domain/change.ts';
import { matchesAny } from '../../domain/entitlement.ts';
import { SystemError } from '../errors.ts';
import type { AccountRef, Applied, ApplyContext, Target, TargetDescription } from '../port.ts';
import type { SystemDeps } from '../system.ts';
import type { FtpConfig } from './block.ts';
import { grant, removeFrom, rewriteRows } from './changes.ts';
import { defaultChoices, type FtpChoices } from './choices.ts';
import { PREFIX, type Ftp } from './context.ts';
import { ftpError } from './errors.ts';
import { listAccounts } from './listAccounts.ts';
import { PartnerList } from './partnerList.ts';
import { probe } from './probe.ts';
import { LostReply } from './publish.ts';
import { readPerson } from './readPerson.ts';
import { idOf } from './rowValues.ts';
import { Sessions } from './sessions.ts';

export type FtpDeps = Pick<SystemDeps, 'secret'> & {
  /** Differences from `defaultChoices`. */
  choices?: Partial<FtpChoices>;
};

/** Partners' access lists as a target: held is what the published file of a partner shows (docs/systems-ftp.md). */
export function createFtp(config: FtpConfig, deps: FtpDeps): { target: Target; close(): Promise<void> } {
  const choices = { ...defaultChoices, ...deps.choices };
  const opened: Sessions[] = [];
  const lists = Object.entries(config.partners).map(([name, partner]) => {
    const sessions = new Sessions(name, partner, deps, choices, config.limits);
    opened.push(sessions);
    return [name, new PartnerList(name, partner, sessions, choices)] as const;
  });
  const ftp: Ftp = { config, choices, lists: new Map(lists) };
  const target: Target = {
    describe: () => describe(config),
    probe: async (call) => await probe(ftp, call),
    find: async (person) => {
      const id = idOf(config, person);
      const how = config.profile.id === 'email' ? ('email' as const) : ('login' as const);
      return await Promise.resolve(id === undefined ? [] : [{ nativeId: id, how, label: id }]);
    },
    read: async (account, interest, call) => await readPerson(ftp, account, interested(ftp, interest), call),
    apply: async (account, change, actual, call) => await applied(ftp, account, change, actual, call),
    list: async (page, interest, call) => await listAccounts(ftp, interested(ftp, interest), page, call),
  };
  return { target, close: async () => opened.forEach((sessions) => sessions.close()) };
}

function describe({ limits, readLagMs }: FtpConfig): TargetDescription {
  return {
    system: 'ftp',
    kinds: { list: 'Has a row on the published access list of that partner.' },
    requestLimitMs: limits.requestMs,
    readLagMs,
    profile: [],
    opensWithGrant: true,
    proofLimits: [
      'When the partner takes the list, and what the partner does with it: only the file on the server is read.',
      'Copies that the partner made of an earlier list.',
      'A row under a name that is neither the one Tenure knows the person by nor the one it knew before.',
      'Lists that are not configured.',
    ],
  };
}

const interested = (ftp: Ftp, interest: readonly string[]): PartnerList[] =>
  [...ftp.lists.values()].filter(({ name }) => matchesAny(interest, PREFIX + name));

/** A lost answer is an outcome; everything else that fails is an error. */
async function applied(
  ftp: Ftp,
  account: AccountRef,
  change: Change,
  actual: Actual,
  call: ApplyContext,
): Promise<Applied> {
  try {
    return await apply(ftp, account, change, actual, call);
  } catch (error) {
    if (error instanceof LostReply) return { outcome: 'unknown', code: error.code };
    // The wait for the list's lease was cut short.
    if (!(error instanceof SystemError) && call.signal.aborted) throw ftpError('FTP_ABORTED');
    throw error;
  }
}

async function apply(
  ftp: Ftp,
  account: AccountRef,
  change: Change,
  actual: Actual,
  call: ApplyContext,
): Promise<Applied> {
  if (change.op === 'grant') return await grant(ftp, listOf(ftp, change.entitlement), account, call);
  if (change.op === 'revoke') return await removeFrom(ftp, [listOf(ftp, change.entitlement)], account, call);
  const held = actual.held.map(({ key }) => listOf(ftp, key));
  switch (change.op) {
    case 'create':
    case 'enable':
      // Planned only for somebody without an id: for others the first grant makes the first row.
      return { outcome: 'done', nativeId: requiredId(ftp, account) };
    case 'update':
      return await rewriteRows(ftp, held, account, call);
    case 'disable':
    case 'delete':
      return await removeFrom(ftp, held, account, call);
  }
}

function requiredId({ config }: Ftp, { person }: AccountRef): string {
  const id = idOf(config, person);
  if (id === undefined) throw ftpError('FTP_INCOMPLETE', { about: config.profile.id });
  return id;
}

function listOf(ftp: Ftp, entitlement: string): PartnerList {
  if (!entitlement.startsWith(PREFIX)) throw ftpError('FTP_UNKNOWN_ENTITLEMENT', { about: entitlement });
  const name = entitlement.slice(PREFIX.length);
  const list = ftp.lists.get(name);
  if (!list) throw ftpError('FTP_UNKNOWN_PARTNER', { about: name });
  return list;
}
