import { isObject } from '../../common/fields.ts';
import type { Asset, Link, State } from '../state.ts';
import { latest } from './assets.ts';

/** Section 4.4: links run from subject to object only: communication → set → data sources and queues → files. */

/** All links met when following them from one asset, downwards to objects or upwards to subjects, `depth` steps far. */
export function follow(state: State, from: string, direction: 'down' | 'up', depth: number): Link[] {
  const [near, far] =
    direction === 'down' ? (['linkSubjectId', 'linkObjectId'] as const) : (['linkObjectId', 'linkSubjectId'] as const);
  const met: Link[] = [];
  const seen = new Set([from]);
  let edge = [from];
  for (let step = 0; step < depth && edge.length > 0; step++) {
    const next: string[] = [];
    for (const link of state.links) {
      if (!edge.includes(link[near])) continue;
      met.push(link);
      if (!seen.has(link[far])) next.push(link[far]);
      seen.add(link[far]);
    }
    edge = next;
  }
  return met;
}

function children(state: State, id: string, type: string): Asset[] {
  return state.links
    .filter((link) => link.linkSubjectId === id)
    .map((link) => state.resources[link.linkObjectId])
    .filter((asset): asset is Asset => asset?.type === type);
}

/** The content of an asset, where it is a JSON object. */
function contentOf(asset: Asset): Record<string, unknown> {
  const base64 = latest(asset).content?.base64 ?? '';
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function textIn(content: Record<string, unknown>, name: string): string {
  const value = content[name];
  return typeof value === 'string' ? value : '';
}

type DataSource = { id: string; name: string; prodDsn: string; resourceId: string; type: string };
export type Queue = { id: string; name: string; driver: string; prodFile: string; use: string };

/** A data source's `prodDsn` stands in its content as `m_strFileSpec` (seen in the vendor's sample packages). */
function dataSources(state: State, setId: string): DataSource[] {
  return children(state, setId, 'exstrdatasource').map((asset) => {
    const content = contentOf(asset);
    const { name, metadata } = latest(asset);
    const type = metadata['subtype'] ?? 'driver';
    const prodDsn = textIn(content, 'm_strFileSpec');
    return { id: asset.id, name, prodDsn, resourceId: textIn(content, 'm_strSampleFile'), type };
  });
}

/** A queue's driver is the name of the output its content points to as `m_scopedPrinter`: `PDF`, `Empower`, … */
function queues(state: State, setId: string): Queue[] {
  return children(state, setId, 'exstroutputqueue').map((asset) => {
    const output = state.resources[textIn(contentOf(asset), 'm_scopedPrinter')];
    const driver = output ? latest(output).name : 'PDF';
    const { name } = latest(asset);
    return { id: asset.id, name, driver, prodFile: name.replace(/\W+/g, '_'), use: 'output' };
  });
}

type Manifest = { dsnlist: DataSource[]; queueList: Queue[] } & Record<string, unknown>;

/** What GET manifests shows of a communication set. */
export function manifestOf(state: State, set: Asset): Manifest {
  return {
    characterEncoding: 'SBCS',
    applicationName: latest(set).name,
    queueList: queues(state, set.id),
    reportList: [],
    metadata: [],
    serialization: 1,
    serializationVersion: 1,
    dsnlist: dataSources(state, set.id),
    documentSections: [],
    documentWithVariableDrivenSections: [],
  };
}

/** The communication set of a communication, as the vendor's SDK finds it: two links deep. */
export function setOf(state: State, communication: string): Asset | null {
  const ids = follow(state, communication, 'down', 2).map((link) => link.linkObjectId);
  const assets = ids.map((id) => state.resources[id]);
  return assets.find((asset) => asset?.type === 'exstrcommunicationset') ?? null;
}
