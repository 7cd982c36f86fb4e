import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { NOBODY, fresh, ids, under } from './recorder.ts';

const V = 'users/v1/';

/** The three faces: groups, teams, role groups. Teams have no roles. */
function face(name: 'groups' | 'teams' | 'role_groups'): Checks {
  const path = `${V}${name}/`;
  const roles = name === 'teams' ? {} : { roles: ['can_read_assets'], role_categories: { core: true } };
  const form = (): { name: string } & Record<string, unknown> => ({
    name: fresh('Group'),
    alias: 'g',
    description: 'Trial',
    external_id: fresh('otds'),
    default_user_type: 'STANDARD',
    saml_primary_group_priority: 3,
    ...roles,
  });
  const add = (t: Recorder): Promise<Body> => t.send(201, 'POST', path, form());
  const shows = (body: Body, sent: Record<string, unknown>): void => {
    const { role_categories: categories, ...rest } = sent;
    expect(body).toMatchObject(categories === undefined ? rest : sent);
  };
  const edit =
    (method: string) =>
    async (t: Recorder): Promise<void> => {
      const [one, sent] = [await add(t), form()];
      await t.send(200, method, `${path}${one.id}/`, sent);
      shows(await t.get(`${path}${one.id}/`), sent);
      await t.send(400, method, `${path}${one.id}/`, { description: 'no name' });
      await t.send(404, method, `${path}${NOBODY}/`, sent);
    };
  const list = async (t: Recorder, of: string): Promise<void> => {
    const one = await add(t);
    const asked = `name=${one.name}&alias=g&description=Tri*&query=grou*&ids=${one.id}${name === 'teams' ? '' : '&roles=can_read_assets'}`;
    const rest = 'date_created=2026-01-01;*&date_modified=*;*&page=1&per_page=5&sort=name,asc';
    expect(ids(await t.get(`${of}?${asked}&${rest}`))).toEqual([one.id]);
  };
  return {
    [`GET /${name}/`]: async (t) => {
      await list(t, path);
      await t.send(400, 'GET', `${path}?per_page=x`);
      await t.send(404, 'GET', `${path}?page=99`);
    },
    [`GET /${name}/basic/`]: (t) => list(t, `${path}basic/`),
    [`POST /${name}/`]: async (t) => {
      const sent = form();
      const { id } = await t.send(201, 'POST', path, sent);
      shows(await t.get(`${path}${id}/`), sent);
      await t.send(400, 'POST', path, {});
    },
    [`GET /${name}/{id}/`]: async (t) => {
      const one = await add(t);
      expect(await t.get(`${path}${one.id}/`)).toEqual(one);
      await t.send(404, 'GET', `${path}${NOBODY}/`);
    },
    [`PATCH /${name}/{id}/`]: edit('PATCH'),
    [`PUT /${name}/{id}/`]: edit('PUT'),
    [`DELETE /${name}/{id}/`]: async (t) => {
      const [one, user] = [await add(t), await t.person()];
      await t.send(201, 'POST', `${path}${one.id}/users/${user.id}/`);
      await t.send(204, 'DELETE', `${path}${one.id}/`);
      await t.send(404, 'DELETE', `${path}${one.id}/`);
      expect((await t.get(`${V}users/${user.id}/`)).groups).not.toContain(one.id);
    },
    [`POST /${name}/{id}/users/{uid}/`]: async (t) => {
      const [one, user] = [await add(t), await t.person()];
      const answer = await t.send(201, 'POST', `${path}${one.id}/users/${user.id}/`);
      expect('teams' in answer).toBe(name !== 'groups');
      expect((await t.get(`${V}users/${user.id}/`)).groups).toContain(one.id);
      expect(ids(await t.get(`${V}users/?groups=${one.id}`))).toEqual([user.id]);
      await t.send(404, 'POST', `${path}${one.id}/users/${NOBODY}/`);
    },
    [`DELETE /${name}/{id}/users/{uid}/`]: async (t) => {
      const [one, user] = [await add(t), await t.person()];
      const member = `${path}${one.id}/users/${user.id}/`;
      await t.either('okOrNoContent', 200, 204, async (status) => {
        await t.send(201, 'POST', member);
        await t.send(status, 'DELETE', member);
        expect((await t.get(`${V}users/${user.id}/`)).groups).not.toContain(one.id);
      });
      await t.send(404, 'DELETE', member);
    },
  };
}

export const FACE_CHECKS: Checks = under('/API/users/v1', {
  ...face('groups'),
  ...face('teams'),
  ...face('role_groups'),
  'GET /groups/all/basic/': async (t) => {
    const one = await t.roleGroup('Approver');
    const asked = `name=Approver&alias=&description=&query=appr*&ids=${one.id}&roles=can_read_shares`;
    const rest = 'date_created=2026-01-01;*&date_modified=*;*&page=1&per_page=5&sort=name,asc';
    expect(ids(await t.get(`${V}groups/all/basic/?${asked}&${rest}`))).toEqual([one.id]);
  },
});

const M = `${V}groups/mappings/`;

async function mapping(t: Recorder): Promise<{ name: string; group_id: string }> {
  const body = { name: fresh('claim'), group_id: (await t.team('Legal')).id };
  await t.send(201, 'POST', M, body);
  return body;
}

export const MAPPING_CHECKS: Checks = under('/API/users/v1', {
  'GET /groups/mappings/': async (t) => {
    const [a, b] = [await mapping(t), await mapping(t)];
    expect((await t.get(M)).objects).toEqual(expect.arrayContaining([a, b]));
    expect((await t.get(`${M}?per_page=1&last_id=${a.name}`)).objects).toHaveLength(1);
  },
  'POST /groups/mappings/': async (t) => {
    const body = await mapping(t);
    expect(await t.get(`${M}${body.name}/`)).toEqual(body);
    await t.send(409, 'POST', M, body);
    await t.send(400, 'POST', M, { name: 'x', group_id: NOBODY });
  },
  'GET /groups/mappings/{name}/': async (t) => {
    const body = await mapping(t);
    expect(await t.get(`${M}${body.name}/`)).toEqual(body);
    await t.send(404, 'GET', `${M}nothing/`);
  },
  'DELETE /groups/mappings/{name}/': async (t) => {
    const { name } = await mapping(t);
    await t.send(204, 'DELETE', `${M}${name}/`);
    await t.send(404, 'GET', `${M}${name}/`);
    await t.send(404, 'DELETE', `${M}${name}/`);
  },
});

const S = 'settings/v1/';
const FORM = {
  acl_template_id: null,
  default_upload_storage_id: 'main',
  collections_get_parent_acls: true,
  share_expiration_time: 7,
  delete_grace_period: 24,
  allowed_ips: [{ ip: '127.0.0.1' }],
};

function settings(kind: 'group' | 'team'): Checks {
  const pathOf = async (t: Recorder): Promise<string> => `${S}${kind}/${(await t.team('Legal')).id}/`;
  const edit =
    (method: string) =>
    async (t: Recorder): Promise<void> => {
      const path = await pathOf(t);
      await t.send(200, method, path, FORM);
      expect(await t.get(path)).toMatchObject(FORM);
      await t.send(200, method, path, { share_expiration_time: 9 });
      const kept = method === 'PUT' ? null : 24;
      expect(await t.get(path)).toMatchObject({ share_expiration_time: 9, delete_grace_period: kept });
      await t.send(400, method, path, { allowed_ips: ['127.0.0.1'] });
      await t.send(404, method, `${S}${kind}/${NOBODY}/`, FORM);
    };
  return {
    [`GET /${kind}/{id}/`]: async (t) => {
      expect(await t.get(await pathOf(t))).toMatchObject({ share_expiration_time: null });
      await t.send(404, 'GET', `${S}${kind}/${NOBODY}/`);
    },
    [`PUT /${kind}/{id}/`]: edit('PUT'),
    [`PATCH /${kind}/{id}/`]: edit('PATCH'),
    [`DELETE /${kind}/{id}/`]: async (t) => {
      const path = await pathOf(t);
      await t.send(200, 'PUT', path, FORM);
      await t.send(204, 'DELETE', path);
      expect(await t.get(path)).toMatchObject({ share_expiration_time: null });
      await t.send(404, 'DELETE', `${S}${kind}/${NOBODY}/`);
    },
  };
}

const editDomain =
  (method: string) =>
  async (t: Recorder): Promise<void> => {
    const sent = { ...FORM, external_share: false };
    await t.send(200, method, `${S}system/current/`, sent);
    expect(await t.get(`${S}system/current/`)).toMatchObject(sent);
    await t.send(400, method, `${S}system/current/`, { allowed_ips: [{ address: '127.0.0.1' }] });
  };

export const SETTINGS_CHECKS: Checks = under('/API/settings/v1', {
  ...settings('group'),
  ...settings('team'),
  'GET /system/current/': async (t) => {
    expect(await t.get(`${S}system/current/`)).toMatchObject({ external_share: true, share_expiration_time: 30 });
  },
  'PUT /system/current/': editDomain('PUT'),
  'PATCH /system/current/': editDomain('PATCH'),
});
