import { uuidOf } from './ids.ts';
import { nextN } from './kit.ts';
import { addHistory } from './rules/assets.ts';
import { approvalsFor } from './rules/workflow.ts';
import { newVersion } from './routes/content.ts';
import type { Context } from '../common/types.ts';
import type { Asset, AssetState, State, Version } from './state.ts';

/** The assets of the seed: communications with what they are made of, and drafts in every state, some of them traps. */

const SEEDED_AT = '2026-10-05T08:00:00.000Z';

type Spec = {
  key: string;
  type: string;
  name: string;
  domains: string[];
  state?: AssetState;
  by?: string;
  subtype?: string;
  content?: object | string;
  lockedBy?: string;
};

/** A context that records nothing, for what was there before anybody looked. */
function seeding(state: State): Context<State> {
  const nothing = () => undefined;
  return {
    state,
    now: () => new Date(SEEDED_AT),
    write: nothing,
    caller: nothing,
    chosen: nothing,
    outbox: nothing,
    special: () => false,
    later: nothing,
  };
}

function put(state: State, spec: Spec): Asset {
  const by = spec.by ?? 'ben.otto@staff';
  const version: Version = {
    ...newVersion({ name: spec.name, subtype: spec.subtype ?? null, by, at: SEEDED_AT }),
    state: spec.state ?? 'APPROVED',
    locked: spec.lockedBy !== undefined,
    lockedBy: spec.lockedBy ?? null,
    content: contentOf(spec.content),
  };
  const asset: Asset = {
    id: uuidOf(`asset:${spec.key}`),
    n: nextN(state),
    type: spec.type,
    hidden: false,
    domains: spec.domains,
    versions: [version],
  };
  state.resources[asset.id] = asset;
  const [domain = ''] = spec.domains;
  const inDomain = state.domains[domain];
  if (version.state === 'REVIEW' && inDomain) version.approvals = approvalsFor(state, inDomain, asset.type);
  addHistory(seeding(state), { asset, version, domain, by, type: 'CREATE', comment: '' });
  return asset;
}

function contentOf(content: Spec['content']): Version['content'] {
  if (content === undefined) return null;
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return { mimeType: 'application/json', base64: Buffer.from(text).toString('base64') };
}

/** A communication with its set, data source, sample file, queue and output: subject → object, as the vendor links them. */
function communication(
  state: State,
  o: { name: string; driver: string; output: string; domains: string[] } & Partial<Spec>,
): Asset {
  const { name, driver, output, domains, ...rest } = o;
  const part = (kind: string, type: string, more: Partial<Spec> = {}): Asset =>
    put(state, { key: `${name}/${kind}`, type, name: `${name} ${kind}`, domains, ...more });
  const application = put(state, { key: name, type: 'exstrapplication', name, domains, ...rest });
  const set = part('set', 'exstrcommunicationset', { name });
  const sample = part('sample', 'samplefile', {
    name: `${driver}.json`,
    subtype: 'driver',
    content: { customerNumber: '1001' },
  });
  const source = part('driver', 'exstrdatasource', {
    subtype: output === 'Fulfillment' ? 'empowerDriver' : 'driver',
    content: { m_strName: driver, m_strFileSpec: driver, m_strSampleFile: sample.id },
  });
  const printed = part('output', 'exstroutput', { name: output === 'Fulfillment' ? 'PDF' : output });
  const queue = part('queue', 'exstroutputqueue', {
    name: `${output} queue`,
    content: { m_scopedPrinter: printed.id },
  });
  const links: [Asset, Asset][] = [
    [application, set],
    [set, source],
    [set, queue],
    [source, sample],
    [queue, printed],
  ];
  for (const [subject, object] of links) {
    state.links.push({ linkSubjectId: subject.id, subjectVersion: 1, linkObjectId: object.id });
  }
  return application;
}

/** Fills `state.resources`, `links` and `history`. */
export function seedAssets(state: State): void {
  const [dev, prod, emea] = [['Development'], ['Production'], ['Regional EMEA']];
  communication(state, { name: 'Welcome Letter', driver: 'WelcomeDriver', output: 'PDF', domains: prod });
  communication(state, { name: 'Agency Statement', driver: 'StatementDriver', output: 'Empower', domains: prod });
  communication(state, {
    name: 'Statement Fulfillment',
    driver: 'FulfillmentDriver',
    output: 'Fulfillment',
    domains: prod,
  });
  communication(state, {
    name: 'Rights Clearance Letter',
    driver: 'ClearanceDriver',
    output: 'PDF',
    domains: prod,
    state: 'REVIEW',
    by: 'ada.byrne@staff',
  });
  communication(state, { name: 'Press Note', driver: 'PressDriver', output: 'HTML', domains: dev });
  communication(state, { name: 'Regional Notice', driver: 'NoticeDriver', output: 'PDF', domains: emea });
  put(state, {
    key: 'Premiere Invitation',
    type: 'exstrapplication',
    name: 'Premiere Invitation',
    domains: dev,
    state: 'REVIEW',
    by: 'ada.byrne@staff',
  });
  put(state, { key: 'Holiday Card', type: 'exstrapplication', name: 'Holiday Card', domains: dev, state: 'REJECTED' });
  // A leaver's draft, locked: nobody else can go on with it until a tenant administrator breaks the lock.
  put(state, {
    key: 'Trailer Notice',
    type: 'exstrapplication',
    name: 'Trailer Notice',
    domains: dev,
    state: 'DRAFT',
    by: 'tom.weber@staff',
    lockedBy: 'tom.weber@staff',
  });
  put(state, {
    key: 'Region Lookup',
    type: 'samplefile',
    name: 'RegionLookup.csv',
    subtype: 'reference',
    domains: dev,
    state: 'DRAFT',
    content: 'EMEA,Print EMEA\ndefault,Archive\n',
  });
}
