/** The state in which a seed begins: the seed company, cut down to those who act and a few whom nobody may touch. */
import { createHash } from 'node:crypto';
import { asked, type Json } from './company.ts';
import type { Controls } from './systems.ts';

type Rows = Record<string, Record<string, unknown>>;

/** One application and token of our service account per worker process: iconik counts requests by application. */
export const application = (slot: number): { appId: string; token: string } => ({
  appId: `00000000-0000-4000-8000-00000000000${slot}`,
  token: `chaos-worker-${slot}-token-not-a-secret`,
});

/** The OTDS group that carries `commdesigner@Development`, as `tenure.yaml` maps it. The row of the other group is left for Tenure to make. */
const CARRIER = 'Designers@exstream.role';

/** Brings every stand-in into its first state. `slots`: worker processes at once. */
export async function furnish(controls: Omit<Controls, 'ftp'>, slots: number): Promise<void> {
  await furnishOtds(controls.otds);
  await Promise.all([
    furnishIconik(controls.iconik, slots),
    furnishCloudinary(controls.cloudinary),
    furnishExstream(controls.exstream),
    asked(`${controls.fcm}/reset`, 'POST', {}, {}),
  ]);
}

/** The first eight people; the carrying groups, and the resource of Exstream with our service client, are there already. */
async function furnishOtds(control: string): Promise<void> {
  await asked(`${control}/reset`, 'POST', {}, { people: 8 });
}

/** Rows by collection, as `GET /state` gives them; changed in place and put back. */
async function edit(control: string, change: (rows: (name: string) => Rows, state: Json) => void): Promise<void> {
  const state = await asked(`${control}/state`, 'GET');
  change((name) => (state[name] ?? {}) as Rows, state); // collections of a stand-in are objects by id
  await asked(`${control}/state`, 'PUT', {}, state);
}

/**
 * All users and teams, but only two collections (Tenure reads the rows of every one, and iconik allows 50 requests a second), one of them with a
 * row of a leaver's own.
 */
async function furnishIconik(control: string, slots: number): Promise<void> {
  await asked(`${control}/reset`, 'POST', {}, {});
  await edit(control, (rows, state) => {
    delete state['access'];
    delete state['memberships'];
    const kept = Object.values(rows('collections')).filter(
      (c) => c['title'] === 'Unit Trailers' || c['title'] === 'Legal',
    );
    const ids = new Set(kept.map((c) => String(c['id'])));
    const only = (name: string, idOf = (key: string): string => key): void => {
      for (const key of Object.keys(rows(name))) if (!ids.has(idOf(key))) delete rows(name)[key];
    };
    only('collections');
    only('propagating');
    only('inheritance');
    for (const key of Object.keys(rows('things'))) delete rows('things')[key];
    for (const key of Object.keys(rows('acls')))
      if (!key.startsWith('groups/') && !ids.has(key.split('/')[1] ?? '')) delete rows('acls')[key];
    for (const key of Object.keys(rows('shares'))) delete rows('shares')[key];
    addFallbackTeam(rows('groups'), rows('acls'));
    addApplications(rows, String((state['domain'] as Json)['service_user']), slots);
  });
}

function addApplications(rows: (name: string) => Rows, service: string, slots: number): void {
  const [app, token] = [Object.values(rows('apps'))[0], Object.values(rows('tokens'))[0]];
  for (let slot = 0; slot < slots; slot++) {
    const { appId, token: text } = application(slot);
    rows('apps')[appId] = { ...app, id: appId, name: `Tenure ${slot}`, default_user_id: service };
    const digest = createHash('sha256').update(text).digest('hex');
    rows('tokens')[appId] = { ...token, id: appId, digest, app_id: appId, user_id: service };
  }
}

/** The team that `tenure.yaml` names as the primary one of leavers; it carries no access. */
function addFallbackTeam(groups: Rows, acls: Rows): void {
  const like = Object.entries(groups).find(([, group]) => group['name'] === 'Contractors');
  if (like === undefined || Object.values(groups).some((group) => group['name'] === 'Former Members')) return;
  const id = '00000000-0000-4000-8000-0000000000ff';
  groups[id] = { ...like[1], id, name: 'Former Members' };
  acls[`groups/${id}`] = structuredClone(acls[`groups/${like[0]}`] ?? {});
}

/** Root, and the users who are confined to the production environment: nobody who acts may enter every environment. Without the hourly limit. */
async function furnishCloudinary(control: string): Promise<void> {
  await asked(`${control}/reset`, 'POST', {}, {});
  await asked(`${control}/act`, 'POST', {}, { action: 'choose', constant: 'accountPerHour', value: 1_000_000 });
  await edit(control, (rows, state) => {
    delete state['access'];
    const gone = Object.values(rows('users')).filter(
      (user) => user['root'] !== true && (user['sub_account_ids'] as string[]).length === 0,
    );
    for (const { id } of gone) {
      delete rows('users')[String(id)];
      for (const group of Object.values(rows('groups')))
        group['users'] = (group['users'] as string[]).filter((one) => one !== id);
      for (const [key, held] of Object.entries(rows('assignments')))
        if (held['principal_id'] === id) delete rows('assignments')[key];
    }
  });
}

/** Rights come by the carrying groups alone, and one of these lacks its role. */
async function furnishExstream(control: string): Promise<void> {
  await asked(`${control}/reset`, 'POST', {}, {});
  await edit(control, (rows, state) => {
    delete state['access'];
    const administrators = ['tenantadmins@exstream.role', 'otadmins@otds.admin'];
    for (const [key, row] of Object.entries(rows('groupRoles')))
      if (!administrators.includes(String(row['group']))) delete rows('groupRoles')[key];
    const role = Object.values(rows('roles')).find((one) => one['name'] === 'commdesigner');
    const row = { group: CARRIER, roleId: role?.['id'], domain: 'Development' };
    rows('groupRoles')[`${row.domain}/${String(row.roleId)}/${row.group.toLowerCase()}`] = row;
  });
}
