import type { SystemDeps } from '../system.ts';
import { createHttp } from '../http.ts';
import { createOtds } from '../otds/otds.ts';
import type { AccountRef, CallContext, Target, TargetDescription } from '../port.ts';
import type { ExstreamConfig } from './block.ts';
import { Carriers } from './carriers.ts';
import { defaultChoices, type ExstreamChoices } from './choices.ts';
import type { Exstream } from './context.ts';
import { Design } from './design.ts';
import { groupRoleDrift, type Drift } from './drift.ts';
import { viaOtds } from './errors.ts';
import { AccountList } from './list.ts';
import { otdsConfigOf } from './otdsConfig.ts';
import { probe } from './probe.ts';
import { readPerson } from './readPerson.ts';
import { effectiveRights, type EffectiveRights } from './rights.ts';
import { Session, type Credential } from './session.ts';
import { applyChange } from './write.ts';

export type ExstreamDeps = SystemDeps & {
  /** Differences from `defaultChoices`, confirmed on a real Exstream. */
  choices?: Partial<ExstreamChoices>;
};

export type ExstreamSystem = {
  target: Target;
  /** What somebody can really do in the configured domains, whichever group it comes by. */
  effectiveRights(account: AccountRef, call: CallContext): Promise<EffectiveRights>;
  /** Where group-roles and pinned roles differ from the configuration. */
  drift(call: CallContext): Promise<Drift>;
  close(): Promise<void>;
};

/** Exstream as a target: roles per domain by membership of carrying OTDS groups (docs/systems-exstream.md). No request is made here. */
export function createExstream(config: ExstreamConfig, deps: ExstreamDeps): ExstreamSystem {
  const choices = { ...defaultChoices, ...deps.choices };
  const wire = { system: 'exstream', limits: config.limits, log: deps.log };
  const tokens = createHttp({ ...wire, baseUrl: config.tokenUrl });
  const http = createHttp({ ...wire, baseUrl: config.url });
  const designAs = (credential: Credential): Design =>
    new Design(new Session({ credential, scope: config.scope, design: http, tokens, choices }), choices);
  const design = designAs({ clientId: config.clientId, secret: () => deps.secret(config.clientSecret) });
  const own = new Map(
    Object.entries(config.domains).flatMap(([domain, { clientId, clientSecret }]): [string, Design][] => {
      if (clientId === undefined || clientSecret === undefined) return [];
      return [[domain, designAs({ clientId, secret: () => deps.secret(clientSecret) })]];
    }),
  );
  const otds = createOtds(otdsConfigOf(config), deps);
  const ex: Exstream = {
    config,
    choices,
    carriers: new Carriers(config),
    design,
    designIn: (domain) => own.get(domain) ?? design,
    otds,
  };
  return {
    target: targetOf(ex),
    effectiveRights: async (account, call) => await effectiveRights(ex, account, call),
    drift: async (call) => await groupRoleDrift(ex, call),
    close: async () => void (await Promise.all([http.close(), tokens.close(), otds.close()])),
  };
}

function targetOf(ex: Exstream): Target {
  const description = describe(ex);
  const accounts = new AccountList(ex);
  return {
    describe: () => description,
    probe: async (call) => await probe(ex, call),
    find: async (person, call) => await viaOtds(ex.otds.target.find(person, call)),
    read: async (account, interest, call) => await readPerson(ex, account, interest, call),
    async apply(account, change, _actual, call) {
      // All requests together: an effect must not land later than the intent says.
      const signal = AbortSignal.any([call.signal, AbortSignal.timeout(description.requestLimitMs)]);
      return await applyChange(ex, account, change, { ...call, signal });
    },
    list: async (page, interest, call) => await accounts.page(page, interest, call),
  };
}

function describe({ config, choices }: Exstream): TargetDescription {
  const minutes = Math.ceil(config.tokenLifeSeconds / 60);
  return {
    system: 'exstream',
    kinds: {
      role: 'Has the role in the domain after the @, by direct membership of the OTDS group that is configured to carry it.',
    },
    requestLimitMs: config.limits.requestMs * choices.requestsPerChange,
    readLagMs: choices.readLagMs,
    profile: [],
    proofLimits: [
      `Groups travel in the token: one given out before the change keeps its rights until it ends, up to ${minutes} minutes later (tokenLifeSeconds). A new right needs a new login.`,
      'Exstream is taken to count direct membership only; what a carrying group receives through another group is not seen.',
      'What a role permits is opaque text: that it is the same as when its digest was configured is all that can be told.',
      'Design Manager on Windows keeps users of its own, and a draft that a leaver has locked stays locked until somebody breaks the lock.',
      'Documents already made, delivered or downloaded.',
    ],
  };
}
