import { recordEffect } from '../../common/effects.ts';
import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { notFound } from '../errors.ts';
import { iso } from '../ids.ts';
import type { Call } from '../kit.ts';
import { badInput, queryNumber, shown } from '../kit.ts';
import { domainView } from '../routes/domains.ts';
import { rolesOf } from './rights.ts';
import { ASSET_STATES } from '../state.ts';
import type { Asset, AssetState, HistoryRow, State, Version } from '../state.ts';

/** The newest version. Every asset has one. */
export function latest(asset: Asset): Version {
  const version = asset.versions.at(-1);
  if (!version) throw new Error(`Asset ${asset.id} has no version.`);
  return version;
}

/** The asset of the path in the domain of the path, or 404. */
export function assetOf(call: Call, domain: string, id = call.params['id'] ?? ''): Asset {
  const asset = call.state.resources[id.toLowerCase()];
  if (!asset?.domains.includes(domain)) throw notFound(`Resource ${id} in ${domain}`);
  return asset;
}

export function stateFrom(call: Call, value: string): AssetState {
  const found = ASSET_STATES.find((state) => state === value);
  if (!found) throw badInput(call, `state must be one of ${ASSET_STATES.join(', ')}`);
  return found;
}

/** The version that `version` or `state` of the query asks for, the newest without either; 404 when there is none. */
export function versionOf(call: Call, asset: Asset): Version {
  const number = queryNumber(call, 'version');
  const state = call.query.get('state');
  const wanted = state === null || state === '' ? null : stateFrom(call, state);
  const found = asset.versions.findLast(
    (v) => (number === undefined || v.version === number) && (wanted === null || v.state === wanted),
  );
  if (!found) throw notFound(`That version of resource ${asset.id}`);
  return found;
}

export type ViewOptions = { domains?: boolean; permissions?: boolean; approval?: boolean };

/** A resource version as every call shows it; what is not known is left out. */
export function assetView(call: Call, asset: Asset, version: Version, o: ViewOptions = {}): Record<string, unknown> {
  const { approvals, content, ...fields } = version;
  const { revision: _revision, ...rest } = fields;
  const inDomain = call.params['domain'] ?? asset.domains[0] ?? '';
  return shown({
    id: asset.id,
    type: asset.type,
    ...rest,
    categories: [],
    hidden: asset.hidden,
    containsActiveRevisions: false,
    isTrackingRevisions: false,
    latestVersion: version === asset.versions.at(-1),
    contentMimeType: content?.mimeType,
    domains: o.domains ? domainsOf(call, asset) : [],
    permissions: o.permissions ? permissionsOf(call, asset, inDomain) : [],
    approvalInfo: o.approval ? { state: version.state, pending: approvals !== null, approvals: approvals ?? [] } : null,
  });
}

function domainsOf(call: Call, asset: Asset): object[] {
  return asset.domains
    .map((name) => call.state.domains[name])
    .filter((domain) => domain !== undefined)
    .map((domain) => domainView(call.state, domain, { children: false, approval: false }));
}

function permissionsOf(call: Call, asset: Asset, domain: string): string[] {
  const names = new Set(rolesOf(call.state, call.me.groups, domain).map((role) => role.name));
  return Object.values(call.state.rolePermissions)
    .filter((row) => names.has(row.roleName) && (row.objectType === 'all' || row.objectType === asset.type))
    .map((row) => row.permissions);
}

export type Change = {
  asset: Asset;
  version: Version;
  domain: string;
  by: string;
  type: HistoryRow['historyType'];
  comment: string;
};

/** Writes a change into the asset's own history; `INSERT` for what is new. */
export function addHistory(ctx: Context<State>, c: Change): void {
  const rows = (ctx.state.history[c.asset.id] ??= []);
  rows.push({
    id: c.asset.id,
    domain: c.domain,
    version: c.version.version,
    revision: c.version.revision,
    modifiedBy: c.by,
    modifiedDate: iso(ctx.now()),
    operation: c.type === 'CREATE' ? 'INSERT' : 'UPDATE',
    state: c.version.state,
    historyType: c.type,
    auditedComment: c.comment,
    type: c.asset.type,
  });
}

/** What the ledger keeps of a version: all but the content, of which only the size. */
function inLedger(version: Version): Record<string, unknown> {
  const { content, ...fields } = version;
  return { ...fields, contentLength: content?.base64.length ?? 0 };
}

/**
 * Changes one version: notes who and when, adds a history row and a ledger entry. `edit` changes the version in place.
 * A change that needs a new version of the asset pushes it before.
 */
export function change(
  ctx: Context<State>,
  c: Omit<Change, 'type'>,
  type: Change['type'] | null,
  edit: () => void,
): void {
  const before = inLedger(structuredClone(c.version));
  edit();
  if (type !== null) {
    c.version.revision += 1;
    c.version.lastModifiedBy = c.by;
    c.version.lastModifiedDate = iso(ctx.now());
    addHistory(ctx, { ...c, type });
  }
  recordEffect(ctx, 'resource', c.asset.id, before, inLedger(c.version));
}

/** A brand-new asset, with its first history row and ledger entry. */
export function addAsset(ctx: Context<State>, asset: Asset, domain: string, comment: string): void {
  ctx.state.resources[asset.id] = asset;
  const version = latest(asset);
  addHistory(ctx, { asset, version, domain, by: version.createdBy, type: 'CREATE', comment });
  const { versions: _versions, n: _n, ...fields } = asset;
  recordEffect(ctx, 'resource', asset.id, null, { ...fields, ...inLedger(version) });
}

/** Whether the chosen rule keeps an approved version readable beside its draft successor. */
export function keepsApproved(state: State): boolean {
  return CHOSEN.value(state, 'NEW_VERSION') === 'kept';
}
