import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Scenario } from './coverageDesign.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { DEV, PROD } from './trial.ts';
import { zip } from './zip.ts';

/** One scenario per route of assets, imports and links. */

/** A new draft in Development. */
export async function draft(t: Trial, content = '{"a":1}', type = 'samplefile'): Promise<Item> {
  const body = new FormData();
  body.set('file', new Blob([content], { type: 'application/json' }), 'driver.json');
  const path = `/resources/${DEV}/content?name=${encodeURIComponent(`draft ${randomUUID()}`)}&type=${type}&subtype=driver`;
  const reply = await t.das('POST', path, { body });
  assert.equal(reply.status, 201);
  return reply.body.data;
}

async function read(t: Trial, id: string, query = ''): Promise<Item> {
  return (await t.das('GET', `/resources/${DEV}/${id}${query}`)).body.data;
}

function move(t: Trial, id: string, state: string, as = 'tenure'): Promise<Answer> {
  return t.das('PUT', `/resources/${DEV}/${id}/state`, {
    as,
    body: { state, auditedComment: 'case 7', locked: false },
  });
}

/** An export package with one sample file, as the vendor's samples are built. */
export function packageOf(id: string, name: string, version = 1): Buffer {
  const row = {
    id,
    name,
    type: 'samplefile',
    version,
    state: 'APPROVED',
    createdBy: 'x',
    createdDate: 0,
    lastModifiedBy: 'x',
    lastModifiedDate: 0,
  };
  const stem = `samplefile-${id}-${version}`;
  return zip([
    { name: `resources/${stem}.json`, bytes: Buffer.from(JSON.stringify(row)) },
    { name: `content/${stem}-CONTENT.bin`, bytes: Buffer.from('{}') },
    { name: 'links/links.json', bytes: Buffer.from('[]') },
    { name: 'metadata.json', bytes: Buffer.from('{"applicationVersion":"22.4.0"}') },
  ]);
}

export function importBody(archive: Buffer, policy?: string): FormData {
  const body = new FormData();
  body.set('exportPackage', new Blob([new Uint8Array(archive)]), 'ExportPackage-test.zip');
  const settings = JSON.stringify({ policies: { generalPolicy: policy } });
  if (policy !== undefined) body.set('conflictSettings', new Blob([settings]), 'conflictSettings.json');
  return body;
}

const DAS = '/design/api/v1';

export const ASSETS: Record<string, Scenario> = {
  [`GET ${DAS}/resources/{domain}`]: async (t) => {
    const drafts = await t.das('GET', `/resources/${DEV}?filter.states=REVIEW,DRAFT&filter.latestVersion=true`);
    assert.ok(drafts.body.data.every((one) => one.state === 'REVIEW' || one.state === 'DRAFT'));
    const found = await t.das(
      'GET',
      `/resources/${DEV}?filter.name=Trailer%20Notice&filter.locked=true&fetchDomains=true&fetchPermissions=true`,
    );
    assert.deepEqual(
      found.body.data.map((one) => one.lockedBy),
      ['tom.weber@staff'],
    );
    return t.das('GET', `/resources/${PROD}?filter.types=exstrapplication&fetchApproval=true&offset=0&count=2`);
  },
  [`GET ${DAS}/resources/{domain}/{id}`]: async (t) => {
    const { id } = await t.asset(DEV, 'Premiere Invitation');
    assert.equal((await t.das('GET', `/resources/${DEV}/${id}?state=APPROVED`)).status, 404);
    return t.das('GET', `/resources/${DEV}/${id}?version=1&checkIfLatestVersion=true`);
  },
  [`PUT ${DAS}/resources/{domain}/{id}/state`]: async (t) => {
    const { id } = await draft(t);
    const reply = await move(t, id, 'REVIEW');
    assert.equal((await read(t, id)).state, 'REVIEW');
    return reply;
  },
  [`PUT ${DAS}/resources/{domain}/state`]: async (t) => {
    const ids = [(await draft(t)).id, (await draft(t)).id];
    const reply = await t.das('PUT', `/resources/${DEV}/state`, {
      body: { state: 'REVIEW', auditedComment: 'both', resourceIds: ids },
    });
    for (const id of ids) assert.equal((await read(t, id)).state, 'REVIEW');
    return reply;
  },
  [`POST ${DAS}/resources/{domain}/{id}/lock`]: async (t) => {
    const { id } = await draft(t);
    const reply = await t.das('POST', `/resources/${DEV}/${id}/lock?version=1`);
    assert.equal((await read(t, id)).lockedBy, 'tenure@OAuthClients');
    return reply;
  },
  [`DELETE ${DAS}/resources/{domain}/{id}/lock`]: async (t) => {
    const { id } = await draft(t);
    await t.das('POST', `/resources/${DEV}/${id}/lock`, { as: 'ben.otto@staff' });
    const reply = await t.das('DELETE', `/resources/${DEV}/${id}/lock?force=true`);
    assert.equal((await read(t, id)).locked, false);
    return reply;
  },
  [`GET ${DAS}/resources/{domain}/{id}/content`]: async (t) => {
    const { id } = await draft(t, '{"plain":"bytes"}');
    const reply = await t.das('GET', `/resources/${DEV}/${id}/content?version=1`);
    assert.equal(reply.text, '{"plain":"bytes"}');
    return reply;
  },
  [`PUT ${DAS}/resources/{domain}/{id}/content`]: async (t) => {
    const { id } = await draft(t);
    const body = new FormData();
    body.set('file', new Blob([new Uint8Array([0, 255, 13, 10])]), 'new.bin');
    const reply = await t.das('PUT', `/resources/${DEV}/${id}/content`, { body });
    assert.deepEqual([...(await t.das('GET', `/resources/${DEV}/${id}/content`)).bytes], [0, 255, 13, 10]);
    return reply;
  },
  [`POST ${DAS}/resources/{domain}/content`]: async (t) => {
    const body = new FormData();
    body.set('file', new Blob(['{}']), 'driver.json');
    const reply = await t.das('POST', `/resources/${DEV}/content?name=Uploaded&type=samplefile&subtype=driver`, {
      body,
    });
    assert.equal((await read(t, reply.body.data.id)).state, 'DRAFT');
    return reply;
  },
  [`GET ${DAS}/resources/{domain}/history/{resourceId}`]: async (t) => {
    const { id } = await draft(t);
    await move(t, id, 'REVIEW');
    const all = await t.das('GET', `/resources/${DEV}/history/${id}?fetchAcrossDomains=true`);
    assert.deepEqual(
      all.body.data.map((row) => row.historyType),
      ['CREATE', 'STATE'],
    );
    const reply = await t.das('GET', `/resources/${DEV}/history/${id}?historyType=STATE`);
    assert.deepEqual(
      reply.body.data.map((row) => row.auditedComment),
      ['case 7'],
    );
    return reply;
  },
  [`GET ${DAS}/import/logs`]: async (t) => {
    await t.das('POST', '/import/das/Testdomain?commit=true', {
      body: importBody(packageOf(randomUUID(), `f ${randomUUID()}`)),
    });
    return t.das('GET', '/import/logs');
  },
  [`POST ${DAS}/import/{packagetype}/{domain}`]: async (t) => {
    const id = randomUUID();
    const body = importBody(packageOf(id, `imported ${id}`), 'ERROR');
    const reply = await t.das('POST', '/import/das/Testdomain?commit=true', { body });
    assert.equal((await t.das('GET', `/resources/Testdomain/${id}`)).body.data.state, 'APPROVED');
    return reply;
  },
  [`GET ${DAS}/links/{domain}`]: async (t) => {
    const { id } = await t.asset(PROD, 'Welcome Letter');
    const reply = await t.das(
      'GET',
      `/links/${PROD}?linkSubjectId=${id}&linkDepth=2&filter.types=exstrcommunicationset`,
    );
    assert.equal(reply.body.data[0]?.linkObjectId, (await t.asset(PROD, 'Welcome Letter', 'exstrcommunicationset')).id);
    return reply;
  },
  [`GET ${DAS}/links/{domain}/resources`]: async (t) => {
    const { id } = await t.asset(PROD, 'WelcomeDriver.json', 'samplefile');
    const query = `linkObjectId=${id}&linkDepth=10&rfilter.types=exstrapplication&rfilter.states=APPROVED`;
    const reply = await t.das('GET', `/links/${PROD}/resources?${query}`);
    assert.deepEqual(
      reply.body.data.map((one) => one.name),
      ['Welcome Letter'],
    );
    return reply;
  },
  [`GET ${DAS}/manifests/{domain}/communication-set/{setId}`]: async (t) => {
    const { id } = await t.asset(PROD, 'Agency Statement', 'exstrcommunicationset');
    const reply = await t.das('GET', `/manifests/${PROD}/communication-set/${id}`);
    assert.deepEqual([reply.body.dsnlist[0]?.prodDsn, reply.body.queueList[0]?.driver], ['StatementDriver', 'Empower']);
    return reply;
  },
};
