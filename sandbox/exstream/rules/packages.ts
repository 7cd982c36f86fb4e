import { isObject } from '../../common/fields.ts';
import { isUuid } from '../ids.ts';
import type { Call } from '../kit.ts';
import { nextN } from '../kit.ts';
import { ASSET_STATES } from '../state.ts';
import type { Asset, Link, State, Version } from '../state.ts';
import { newVersion } from '../routes/content.ts';
import { unzip } from '../zip.ts';
import { addAsset, addHistory } from './assets.ts';

/**
 * Export packages as the vendor's samples have them: `resources/<type>-<id>-<version>.json`, the content beside it as
 * `content/…-CONTENT.bin` with its media type in `….json`, `links/links.json` and `metadata.json`.
 */

/** Content beyond this many bytes (fonts, images) is not kept. */
const CONTENT_MAX_BYTES = 32_768;

type Found = { type: string; name: string; id: string; version: number; state: string };
type PackedAsset = { id: string; type: string; version: Version; found: Found };
export type Packed = { assets: PackedAsset[]; links: Link[]; metadata: object };
export type ImportPlan = { fresh: PackedAsset[]; existing: PackedAsset[]; conflicted: PackedAsset[] };

function jsonOf(bytes: Buffer | undefined): unknown {
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as unknown);
}

/** Reads a package; throws a sentence when it is none. */
export function readPackage(archive: Buffer): Packed {
  const files = new Map(unzip(archive).map(({ name, bytes }) => [name, bytes]));
  const assets: PackedAsset[] = [];
  for (const [name, bytes] of files) {
    const stem = /^resources\/(.+)\.json$/.exec(name)?.[1];
    const row = stem === undefined ? undefined : jsonOf(bytes);
    if (stem !== undefined && isObject(row)) assets.push(packedAsset(row, contentOf(files, stem)));
  }
  if (assets.length === 0) throw new Error('The package holds no resources.');
  const links = jsonOf(files.get('links/links.json'));
  const metadata = jsonOf(files.get('metadata.json'));
  return {
    assets,
    links: (Array.isArray(links) ? links : []).filter(isLink),
    metadata: isObject(metadata) ? metadata : {},
  };
}

function isLink(value: unknown): value is Link {
  if (!isObject(value)) return false;
  const { linkSubjectId, linkObjectId, subjectVersion } = value;
  return typeof linkSubjectId === 'string' && typeof linkObjectId === 'string' && typeof subjectVersion === 'number';
}

function contentOf(files: Map<string, Buffer>, stem: string): Version['content'] {
  const bytes = files.get(`content/${stem}-CONTENT.bin`);
  if (!bytes || bytes.length > CONTENT_MAX_BYTES) return null;
  const about = jsonOf(files.get(`content/${stem}-CONTENT.json`));
  const mimeType =
    isObject(about) && typeof about['mimetype'] === 'string' ? about['mimetype'] : 'application/octet-stream';
  return { mimeType, base64: bytes.toString('base64') };
}

function packedAsset(row: Record<string, unknown>, content: Version['content']): PackedAsset {
  const text = (name: string): string => (typeof row[name] === 'string' ? row[name] : '');
  const [id, type, name] = [text('id').toLowerCase(), text('type'), text('name')];
  if (!isUuid(id) || type === '') throw new Error('A resource of the package has no id or type.');
  const date = (field: string): string => new Date(Number(row[field] ?? 0)).toISOString();
  const metadata = Object.fromEntries(
    Object.entries(isObject(row['metadata']) ? row['metadata'] : {}).map(([key, value]) => [key, String(value)]),
  );
  const version: Version = {
    ...newVersion({ name, subtype: metadata['subtype'] ?? null, by: text('createdBy'), at: date('createdDate') }),
    version: Number(row['version'] ?? 1),
    description: text('description'),
    state: ASSET_STATES.find((state) => state === row['state']) ?? 'DRAFT',
    stateComment: text('stateComment'),
    lastModifiedBy: text('lastModifiedBy'),
    lastModifiedDate: date('lastModifiedDate'),
    metadata,
    content,
  };
  return { id, type, version, found: { type, name, id, version: version.version, state: version.state } };
}

/**
 * What is new, what is there already, and what stands against: an id that is there in other versions only. A name that
 * another id has is no conflict: two of the vendor's sample packages share names, and its SDK imports both with ERROR.
 */
export function planImport(state: State, packed: Packed, domain: string): ImportPlan {
  const plan: ImportPlan = { fresh: [], existing: [], conflicted: [] };
  for (const one of packed.assets) {
    const there = state.resources[one.id];
    if (!there?.domains.includes(domain)) plan.fresh.push(one);
    else if (there.versions.some((v) => v.version === one.version.version)) plan.existing.push(one);
    else plan.conflicted.push(one);
  }
  return plan;
}

/** Brings the new assets (and with `replace` the conflicting versions of known ones) and the links in. */
export function bringIn(call: Call, packed: Packed, plan: ImportPlan, domain: string, replace: boolean): void {
  for (const one of plan.fresh) addPacked(call, one, domain);
  for (const one of replace ? plan.conflicted : []) {
    const asset = call.state.resources[one.id];
    if (!asset) continue;
    asset.versions = [...asset.versions, one.version].toSorted((a, b) => a.version - b.version);
    addHistory(call.ctx, { asset, version: one.version, domain, by: call.me.user, type: 'CREATE', comment: 'import' });
  }
  const known = new Set(call.state.links.map((link) => JSON.stringify(link)));
  call.state.links.push(...packed.links.filter((link) => !known.has(JSON.stringify(link))));
}

function addPacked(call: Call, { id, type, version }: PackedAsset, domain: string): void {
  const there = call.state.resources[id];
  if (there) {
    there.domains.push(domain); // the same asset, known from another domain
    return;
  }
  const asset: Asset = { id, n: nextN(call.state), type, hidden: false, domains: [domain], versions: [version] };
  addAsset(call.ctx, asset, domain, 'import');
}
