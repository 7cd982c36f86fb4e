import { randomUUID } from 'node:crypto';
import type { Reply } from '../../common/types.ts';
import { CODES } from '../errors.ts';
import type { Call } from '../kit.ts';
import { badInput, chosenRefusal, data, nextN, nowIso } from '../kit.ts';
import { notFound } from '../errors.ts';
import { partsOf } from '../multipart.ts';
import type { Part } from '../multipart.ts';
import { addAsset, assetOf, assetView, change, latest, versionOf } from '../rules/assets.ts';
import { domainFor, need } from '../rules/rights.ts';
import { lockRefusal, lockedByOther } from '../rules/workflow.ts';
import type { Asset, Version } from '../state.ts';

/** Section 4.3: the files of assets. */

const NAME_MAX = 128;

/** The multipart part called `file`, or 400. */
function fileOf(call: Call): Part {
  const part = partsOf(call.req).find(({ name }) => name === 'file');
  if (!part) throw badInput(call, "Required request part 'file' is not present");
  return part;
}

/** GET /resources/{domain}/{id}/content */
export function getContent(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id);
  const { content } = versionOf(call, asset);
  if (!content) throw notFound(`Content of resource ${asset.id}`);
  return { status: 200, headers: { 'content-type': content.mimeType }, body: Buffer.from(content.base64, 'base64') };
}

/** PUT /resources/{domain}/{id}/content: the newest version must be a draft nobody else has locked. */
export function putContent(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id);
  need(call, 'EDIT', domain.id, asset.type);
  const version = latest(asset);
  if (lockedByOther(version, call.me.user)) throw lockRefusal(call, version);
  if (version.state !== 'DRAFT') {
    throw chosenRefusal(
      call,
      'BAD_MOVE',
      CODES.BAD_MOVE,
      `Content can be changed in DRAFT only, not in ${version.state}`,
    );
  }
  const { mimeType, bytes } = fileOf(call);
  change(call.ctx, { asset, version, domain: domain.id, by: call.me.user, comment: '' }, 'CONTENT', () => {
    version.content = { mimeType, base64: bytes.toString('base64') };
  });
  return data(call, assetView(call, asset, version));
}

/** POST /resources/{domain}/content?name=&type=&subtype= : a new draft. 201, as the vendor's collection expects. */
export function postContent(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const [name, type, subtype] = ['name', 'type', 'subtype'].map((field) => call.query.get(field) ?? '');
  if (!name || !type) throw badInput(call, 'name and type are required');
  if (name.length > NAME_MAX) throw badInput(call, `name is longer than ${NAME_MAX} characters`);
  need(call, 'EDIT', domain.id, type);
  const { mimeType, bytes } = fileOf(call);
  const version = newVersion({ name, subtype: subtype || null, by: call.me.user, at: nowIso(call) });
  version.content = { mimeType, base64: bytes.toString('base64') };
  const asset: Asset = {
    id: randomUUID(),
    n: nextN(call.state),
    type,
    hidden: false,
    domains: [domain.id],
    versions: [version],
  };
  addAsset(call.ctx, asset, domain.id, '');
  return data(call, assetView(call, asset, version), 201);
}

/** The first version of a new asset: a draft. */
export function newVersion(o: { name: string; subtype: string | null; by: string; at: string }): Version {
  return {
    version: 1,
    revision: 1,
    name: o.name,
    subtype: o.subtype,
    description: '',
    state: 'DRAFT',
    stateComment: '',
    locked: false,
    lockedBy: null,
    createdBy: o.by,
    createdDate: o.at,
    lastModifiedBy: o.by,
    lastModifiedDate: o.at,
    metadata: o.subtype === null ? {} : { subtype: o.subtype },
    approvals: null,
    content: null,
  };
}
