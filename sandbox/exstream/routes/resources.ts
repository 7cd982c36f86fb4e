import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { CODES } from '../errors.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal, data, list, param, queryFlag, queryList } from '../kit.ts';
import { PAGE_QUERY, page } from '../paging.ts';
import { assetOf, assetView, change, stateFrom, versionOf } from '../rules/assets.ts';
import { domainFor, isTenantAdmin, need } from '../rules/rights.ts';
import { SEARCH_QUERY, queryDate, searcher } from '../rules/search.ts';
import { lockRefusal, lockedByOther, setLock } from '../rules/workflow.ts';
import type { Asset, Version } from '../state.ts';

/** Sections 4.3 and 4.4: assets, their locks and their history. */

const FILTERS = (
  'ids types excludedTypes states latestVersion locked name createdBy lastModifiedBy createdDateStart createdDateEnd ' +
  'lastModifiedDateStart lastModifiedDateEnd hasApprovedVersion'
).split(' ');
export const RESOURCES_QUERY = [
  ...FILTERS.map((name) => `filter.${name}`),
  ...SEARCH_QUERY,
  'fetchApproval',
  'fetchPermissions',
  'fetchDomains',
  ...PAGE_QUERY,
];

export type Row = { asset: Asset; version: Version };

function sameText(wanted: string | null, value: string): boolean {
  return wanted === null || wanted === '' || wanted.toLowerCase() === value.toLowerCase();
}

/** The filters that look at the asset as a whole. `prefix` is `filter` or, on links, `rfilter`. */
export function assetFilter(call: Call, prefix: string): (asset: Asset) => boolean {
  const ids = queryList(call, `${prefix}.ids`)?.map((id) => id.toLowerCase());
  const types = queryList(call, `${prefix}.types`);
  const excluded = queryList(call, `${prefix}.excludedTypes`) ?? [];
  const hasApproved = queryFlag(call, `${prefix}.hasApprovedVersion`);
  return (asset) =>
    (ids === undefined || ids.includes(asset.id)) &&
    (types === undefined || types.includes('all') || types.includes(asset.type)) &&
    !excluded.includes(asset.type) &&
    (hasApproved === undefined || asset.versions.some((v) => v.state === 'APPROVED') === hasApproved);
}

/** The filters that look at one version. */
export function versionFilter(call: Call, prefix: string): (version: Version) => boolean {
  const states = queryList(call, `${prefix}.states`)?.map((state) => stateFrom(call, state));
  const locked = queryFlag(call, `${prefix}.locked`);
  const [name, createdBy, modifiedBy] = ['name', 'createdBy', 'lastModifiedBy'].map((f) =>
    call.query.get(`${prefix}.${f}`),
  );
  const within = (field: string): ((date: string) => boolean) => {
    const [from, to] = [queryDate(call, `${prefix}.${field}Start`), queryDate(call, `${prefix}.${field}End`)];
    return (date) => Date.parse(date) >= (from ?? -Infinity) && Date.parse(date) <= (to ?? Infinity);
  };
  const [created, modified] = [within('createdDate'), within('lastModifiedDate')];
  return (version) =>
    (states === undefined || states.includes(version.state)) &&
    (locked === undefined || version.locked === locked) &&
    sameText(name ?? null, version.name) &&
    sameText(createdBy ?? null, version.createdBy) &&
    sameText(modifiedBy ?? null, version.lastModifiedBy) &&
    created(version.createdDate) &&
    modified(version.lastModifiedDate);
}

/**
 * GET /resources/{domain}. With `filter.latestVersion=true` the newest of the versions that pass the other filters
 * ("the most recent version that has been approved", as the vendor's SDK puts it); without it every one that passes.
 */
export function listResources(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const [fitsAsset, fitsVersion, found] = [assetFilter(call, 'filter'), versionFilter(call, 'filter'), searcher(call)];
  const newest = queryFlag(call, 'filter.latestVersion') ?? false;
  const o = {
    domains: queryFlag(call, 'fetchDomains') ?? false,
    permissions: queryFlag(call, 'fetchPermissions') ?? false,
    approval: queryFlag(call, 'fetchApproval') ?? false,
  };
  const rows = Object.values(call.state.resources)
    .filter((asset) => asset.domains.includes(domain.id) && fitsAsset(asset))
    .toSorted((a, b) => a.n - b.n)
    .flatMap((asset): Row[] => {
      const versions = asset.versions.filter((v) => fitsVersion(v) && found([v.name, v.description]));
      return (newest ? versions.slice(-1) : versions).map((version) => ({ asset, version }));
    });
  return page(call, rows, ({ asset, version }) => assetView(call, asset, version, o));
}

/** GET /resources/{domain}/{id} */
export function getResource(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id);
  const advanced = domain.workflow === 'ADVANCED';
  return data(call, assetView(call, asset, versionOf(call, asset), { domains: true, approval: advanced }));
}

/** POST /resources/{domain}/{id}/lock */
export function lock(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id);
  need(call, 'EDIT', domain.id, asset.type);
  const version = versionOf(call, asset);
  const by = call.me.user;
  if (call.ctx.special('lockTaken')) setLock(version, 'someone.else@staff', true);
  if (lockedByOther(version, by)) throw lockRefusal(call, version);
  change(call.ctx, { asset, version, domain: domain.id, by, comment: '' }, null, () => setLock(version, by, true));
  return data(call, assetView(call, asset, version));
}

/** DELETE /resources/{domain}/{id}/lock: one's own; with `force=true` a tenant administrator breaks anybody's. */
export function unlock(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id);
  need(call, 'EDIT', domain.id, asset.type);
  const version = versionOf(call, asset);
  const force = queryFlag(call, 'force') ?? false;
  if (lockedByOther(version, call.me.user)) {
    if (!force) throw lockRefusal(call, version);
    if (!isTenantAdmin(call.state, call.me)) {
      throw chosenRefusal(call, 'NO_PERMISSION', CODES.FORBIDDEN, 'Only a tenant administrator may break a lock');
    }
  }
  if (!version.locked && CHOSEN.use(call.ctx, 'UNLOCK_UNLOCKED') !== 200) {
    throw chosenRefusal(call, 'UNLOCK_UNLOCKED', CODES.CONFLICT, 'The resource is not locked');
  }
  const by = call.me.user;
  change(call.ctx, { asset, version, domain: domain.id, by, comment: '' }, null, () => setLock(version, by, false));
  return data(call, assetView(call, asset, version));
}

/** GET /resources/{domain}/history/{resourceId}: oldest first. Special fault `plainHistory`: the 21.2 form. */
export function history(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id, param(call, 'resourceId'));
  const across = queryFlag(call, 'fetchAcrossDomains') ?? false;
  const type = call.query.get('historyType');
  const rows = (call.state.history[asset.id] ?? []).filter((row) => across || row.domain === domain.id);
  const plain = call.ctx.special('plainHistory');
  return list(
    call,
    rows
      .filter((row) => type === null || type === '' || row.historyType === type)
      .map(({ domain: _domain, historyType, ...row }) => (plain ? row : { ...row, historyType })),
  );
}
