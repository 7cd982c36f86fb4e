import type { Reply } from '../../common/types.ts';
import { notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { badInput, json, param, queryFlag, queryNumber } from '../kit.ts';
import { PAGE_QUERY, page } from '../paging.ts';
import { assetOf, assetView } from '../rules/assets.ts';
import { follow, manifestOf } from '../rules/graph.ts';
import { domainFor } from '../rules/rights.ts';
import { assetFilter, versionFilter, RESOURCES_QUERY } from './resources.ts';
import type { Row } from './resources.ts';
import type { Link } from '../state.ts';

/** Section 4.4: which asset uses which, and what a communication set is made of. */

const FILTERS = RESOURCES_QUERY.filter((name) => name.startsWith('filter.'));
const LINK_QUERY = [
  'linkSubjectId',
  'linkSubjectVersion',
  'linkObjectId',
  'linkDepth',
  'useEffectiveDate',
  ...PAGE_QUERY,
];
export const LINKS_QUERY = [...LINK_QUERY, ...FILTERS];
export const LINKED_QUERY = [
  ...LINKS_QUERY,
  ...FILTERS.map((name) => name.replace('filter.', 'rfilter.')),
  'fetchApproval',
];

/** The links asked for, each with the asset at its far end. */
function followed(call: Call): { link: Link; id: string }[] {
  const subject = call.query.get('linkSubjectId');
  const object = call.query.get('linkObjectId');
  const depth = queryNumber(call, 'linkDepth') ?? 1;
  const version = queryNumber(call, 'linkSubjectVersion');
  if (subject !== null && subject !== '') {
    return follow(call.state, subject.toLowerCase(), 'down', depth)
      .filter((link) => version === undefined || link.linkSubjectId !== subject || link.subjectVersion === version)
      .map((link) => ({ link, id: link.linkObjectId }));
  }
  if (object === null || object === '') throw badInput(call, 'linkSubjectId or linkObjectId is required');
  return follow(call.state, object.toLowerCase(), 'up', depth).map((link) => ({ link, id: link.linkSubjectId }));
}

/** GET /links/{domain} */
export function listLinks(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const fits = assetFilter(call, 'filter');
  const rows = followed(call).filter(({ id }) => {
    const asset = call.state.resources[id];
    return asset !== undefined && asset.domains.includes(domain.id) && fits(asset);
  });
  return page(call, rows, ({ link }) => link);
}

/** GET /links/{domain}/resources: the assets at the far ends, each once. */
export function listLinked(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const prefix = [...call.query.keys()].some((key) => key.startsWith('rfilter.')) ? 'rfilter' : 'filter';
  const [fitsAsset, fitsVersion] = [assetFilter(call, prefix), versionFilter(call, prefix)];
  const rows = [...new Set(followed(call).map(({ id }) => id))].flatMap((id): Row[] => {
    const asset = call.state.resources[id];
    if (!asset?.domains.includes(domain.id) || !fitsAsset(asset)) return [];
    const version = asset.versions.findLast(fitsVersion);
    return version ? [{ asset, version }] : [];
  });
  const o = { approval: queryFlag(call, 'fetchApproval') ?? false };
  return page(call, rows, ({ asset, version }) => assetView(call, asset, version, o));
}

/** GET /manifests/{domain}/communication-set/{setId}: no envelope */
export function manifest(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const set = assetOf(call, domain.id, param(call, 'setId'));
  if (set.type !== 'exstrcommunicationset') throw notFound(`Communication set ${set.id}`);
  return json(200, manifestOf(call.state, set));
}
