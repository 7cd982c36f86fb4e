import { expect } from '@jest/globals';
import { fresh, has, list, names, newUser, part, seg, str } from './recorder.ts';
import type { Body, Checks, Recorder } from './recorder.ts';

const ROOT = '/licensemanagement/licenses';

async function license(t: Recorder): Promise<{ made: Body; path: string; of: string; resourceID: string }> {
  const { resourceID } = await t.done('POST', '/resources', { resourceName: fresh('Licensed') });
  const values = [
    { name: 'oTLicenseFile', values: 'the file' }, // OpenText's client sends a text, not a list
    { name: 'oTLicenseResource', values: resourceID },
    { name: 'oTLicenseFingerprintGenerator', values: [null] },
  ];
  const made = await t.done('POST', ROOT, { name: 'EXTENDED_ECM', description: 'd', values });
  const id = seg(str(made['id']));
  return { made, path: `${ROOT}/${id}`, of: `${ROOT}/object/${id}`, resourceID: str(resourceID) };
}

async function assigned(t: Recorder, resourceID: string): Promise<Body[]> {
  const body = await t.get(`${ROOT}/assignedlicenses?resourceID=${resourceID}&validOnly=false`);
  return list(part(body['licenseObjects'])['_licenses']);
}

export const LICENSE_CHECKS: Checks = {
  'GET /otdsws/rest/licensemanagement/licenses/assignedlicenses': async (t) => {
    const { resourceID } = await license(t);
    const [row] = await assigned(t, resourceID);
    has(row, '_oTLicenseProduct', '_oTLicenseResource', '_oTLicenseType', 'name', 'location', 'id');
    expect(await assigned(t, 'none')).toEqual([]);
  },
  'POST /otdsws/rest/licensemanagement/licenses': async (t) => {
    const { made, resourceID } = await license(t);
    expect(str(made['id'])).toBe(`cn=EXTENDED_ECM¹${resourceID},ou=Licenses,dc=identity,dc=opentext,dc=net`);
    expect(await assigned(t, resourceID)).toEqual([made]);
    await t.refused(400, 'POST', ROOT, { name: 'X', values: [{ name: 'oTLicenseResource', values: ['none'] }] });
  },
  'PUT /otdsws/rest/licensemanagement/licenses/{id}': async (t) => {
    const { path, resourceID } = await license(t);
    await t.done('PUT', path, { name: 'EXTENDED_ECM', description: 'newer', values: [] });
    expect((await assigned(t, resourceID))[0]?.['description']).toBe('newer');
    await t.refused(404, 'PUT', `${ROOT}/none`, { name: 'x' });
  },
  'DELETE /otdsws/rest/licensemanagement/licenses/{id}': async (t) => {
    const { path, resourceID } = await license(t);
    await t.done('DELETE', path, undefined, 204);
    expect(await assigned(t, resourceID)).toEqual([]);
    await t.refused(404, 'DELETE', path);
  },
  'POST /otdsws/rest/licensemanagement/licenses/object/{id}': async (t) => {
    const { of } = await license(t);
    const user = await newUser(t);
    const values = [{ name: 'counter', values: ['X2'] }];
    const give = { _oTLicenseType: 'Full', _oTLicenseProduct: 'users', name: user['location'], values };
    await t.done('POST', of, give, 204);
    await t.done('POST', of, { ...give, _oTLicenseProduct: 'partitions', name: 'partners' }, 204);
    const held = await t.get(`${of}?counter=X2`);
    expect(names(part(held['listUsersResults'])['users'])).toEqual([user['name']]);
    expect(names(part(held['listUserPartitionResult'])['_userPartitions'])).toEqual(['partners']);
    await t.refused(404, 'POST', of, { ...give, name: 'nobody@staff' });
    await t.refused(400, 'POST', of, { ...give, values: [] });
  },
  'GET /otdsws/rest/licensemanagement/licenses/object/{location}': async (t) => {
    const { of } = await license(t);
    const body = await t.get(`${of}?counter=NONE`);
    expect(body).toMatchObject({ status: 0, displayString: 'Success', retValue: 0, version: 1 });
    has(body, 'listGroupsResults', 'listUsersResults', 'listUserPartitionResult');
    expect(list(part(body['listUsersResults'])['users'])).toEqual([]);
    await t.refused(404, 'GET', `${ROOT}/object/none?counter=X2`);
  },
};

const CONFIG = '/systemconfig';

export const SYSTEM_CHECKS: Checks = {
  'POST /otdsws/rest/consolidation': async (t) => {
    const { location } = await newUser(t);
    expect(await t.done('POST', '/consolidation', { objectToConsolidate: location }, 204)).toEqual({});
    const { resourceDN } = await t.get('/resources/Media%20Portal');
    const cleanup = { cleanupUsersInResource: false, cleanupGroupsInResource: false };
    const whole = { objectToConsolidate: resourceDN, resourceList: [resourceDN], ...cleanup };
    await t.done('POST', '/consolidation', whole, 204);
    await t.refused(404, 'POST', '/consolidation', { ...whole, resourceList: [location] });
    await t.refused(400, 'POST', '/consolidation', {});
  },
  'GET /otdsws/rest/systemconfig/whitelist': async (t) => {
    expect(Array.isArray((await t.get(`${CONFIG}/whitelist`))['stringList'])).toBe(true);
  },
  'PUT /otdsws/rest/systemconfig/whitelist': async (t) => {
    const stringList = ['http://one.example', 'http://two.example'];
    await t.done('PUT', `${CONFIG}/whitelist`, { stringList }, 204);
    expect(await t.get(`${CONFIG}/whitelist`)).toEqual({ stringList });
    await t.refused(400, 'PUT', `${CONFIG}/whitelist`, {});
  },
  'GET /otdsws/rest/systemconfig/system_attributes': async (t) => {
    const name = fresh('attribute');
    await t.done('POST', `${CONFIG}/system_attributes`, { name, value: 'v' });
    expect(names((await t.get(`${CONFIG}/system_attributes`))['systemAttributes'])).toContain(name);
  },
  'POST /otdsws/rest/systemconfig/system_attributes': async (t) => {
    const body = { name: fresh('attribute'), value: 'v', friendlyName: 'A name' };
    expect(await t.done('POST', `${CONFIG}/system_attributes`, body)).toEqual(body);
    expect(await t.get(`${CONFIG}/system_attributes/${body.name}`)).toEqual(body);
    await t.refused(400, 'POST', `${CONFIG}/system_attributes`, { name: 'x' });
  },
  'GET /otdsws/rest/systemconfig/system_attributes/{name}': async (t) => {
    await t.refused(404, 'GET', `${CONFIG}/system_attributes/none`);
    const name = fresh('attribute');
    await t.done('POST', `${CONFIG}/system_attributes`, { name, value: 'v' });
    expect((await t.get(`${CONFIG}/system_attributes/${name}`))['value']).toBe('v');
  },
  'PUT /otdsws/rest/systemconfig/system_attributes/{name}': async (t) => {
    const name = fresh('attribute');
    await t.done('POST', `${CONFIG}/system_attributes`, { name, value: 'v' });
    await t.done('PUT', `${CONFIG}/system_attributes/${name}`, { name, value: 'w' });
    expect((await t.get(`${CONFIG}/system_attributes/${name}`))['value']).toBe('w');
    await t.refused(404, 'PUT', `${CONFIG}/system_attributes/none`, { value: 'w' });
  },
  'GET /otdsws/rest/systemconfig/passwordpolicy': async (t) => {
    const body = await t.get(`${CONFIG}/passwordpolicy`);
    has(body, 'passwordHistoryMaximumCount', 'passwordMaximumDuration', 'lockoutFailureCount', 'lockoutDuration');
    has(body, 'minimumNumberOfCharacters', 'complexPasswordValidationEnabled', 'blockCommonPassword');
  },
  'PUT /otdsws/rest/systemconfig/passwordpolicy': async (t) => {
    await t.done('PUT', `${CONFIG}/passwordpolicy`, { minimumNumberOfCharacters: 12 }, 204);
    expect(await t.get(`${CONFIG}/passwordpolicy`)).toMatchObject({ minimumNumberOfCharacters: 12 });
    await t.refused(400, 'POST', '/users', { userPartitionID: 'staff', name: 'x', userPassword: 'Eleven-ch-1' });
    await t.done('PUT', `${CONFIG}/passwordpolicy`, { minimumNumberOfCharacters: 8 }, 204);
    await t.refused(400, 'PUT', `${CONFIG}/passwordpolicy`, { minimumNumberOfSmiles: 1 });
  },
  'PUT /otdsws/rest/systemconfig/audit': async (t) => {
    const audit = { daysToKeep: '7', enabled: true, auditTo: 'DATABASE', eventIDs: ['Group Create'] };
    await t.done('PUT', `${CONFIG}/audit`, audit, 204);
    const known = Object.keys(await t.control('GET', '/state/audit'));
    await newUser(t);
    await t.done('POST', '/groups', { userPartitionID: 'staff', name: fresh('audited') });
    const rows = Object.entries(await t.control('GET', '/state/audit')).filter(([seq]) => !known.includes(seq));
    expect(rows.map(([, row]) => part(row)['event'])).toEqual(['Group Create']);
    await t.refused(400, 'PUT', `${CONFIG}/audit`, { daysToKeep: 'x' });
  },
};
