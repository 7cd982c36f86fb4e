import type { z } from 'zod';
import type { SystemError } from '../errors.ts';
import { writeOutcome } from '../http.ts';
import type { HttpReply, HttpRequest } from '../http.ts';
import type { CallContext } from '../port.ts';
import { readReply, writeReply, type Unknown } from '../written.ts';
import type { ExstreamChoices } from './choices.ts';
import { exstreamError, isAbsent, replyError, transportError } from './errors.ts';
import type { Session } from './session.ts';
import {
  currentUserReply,
  domainPage,
  groupRoleList,
  rolePage,
  rolePermissionsList,
  versionReply,
  type GroupRole,
  type RolePermissions,
} from './shapes.ts';

/** What became of a write. */
export type Written = { outcome: 'done' } | Unknown | { outcome: 'refused'; error: SystemError };

type Asked = { path: readonly string[]; query?: NonNullable<HttpRequest['query']>; about: string };

/** The Design service as one OAuth client sees it: roles, group-roles, domains, permissions (contract section 4.2). Reads throw `SystemError` only. */
export class Design {
  readonly session: Session;
  private readonly choices: ExstreamChoices;

  constructor(session: Session, choices: ExstreamChoices) {
    this.session = session;
    this.choices = choices;
  }

  async version(call: CallContext): Promise<string | undefined> {
    const reply = await this.get({ path: ['version'], about: 'its version' }, versionReply, call);
    return reply.versionString ?? undefined;
  }

  async isTenantAdmin(call: CallContext): Promise<boolean> {
    const path = ['authentication', 'current-user'];
    const { data } = await this.get({ path, about: 'the current user' }, currentUserReply, call);
    return data.isTenantAdmin === true;
  }

  /** Rows of one domain, or of all. Where the call is refused, the bare collection tells whether it is the domain or the whole capability. */
  async groupRoles(domain: string | undefined, call: CallContext): Promise<GroupRole[]> {
    const about = domain === undefined ? 'group-roles' : `domain ${domain}`;
    const reply = await this.read({ path: ['group-roles', ...(domain === undefined ? [] : [domain])], about }, call);
    if (isMissing(reply)) throw await this.unserved(reply, domain, about, call);
    return shaped(reply, groupRoleList, about).data;
  }

  /** The role of exactly that name; undefined: there is none. */
  async role(name: string, call: CallContext): Promise<{ id: string; name: string } | undefined> {
    const query = { 'filter.searchString': name };
    const found = await this.whole({ path: ['roles'], query, about: `role ${name}` }, rolePage, call);
    return found.find((role) => role.name === name);
  }

  async domains(call: CallContext): Promise<string[]> {
    return (await this.whole({ path: ['domains'], about: 'the list of domains' }, domainPage, call)).map(
      ({ id }) => id,
    );
  }

  async rolePermissions(roleName: string, call: CallContext): Promise<RolePermissions[]> {
    const asked = { path: ['role-permissions'], query: { roleName }, about: `what role ${roleName} permits` };
    // Unknown parameters may be ignored: never take its word that the filter held.
    return (await this.get(asked, rolePermissionsList, call)).data.filter((row) => row.roleName === roleName);
  }

  /** What a group may do in a domain, through all its roles there; undefined: this Exstream, or this client, cannot be asked. */
  async effectivePermissions(domain: string, group: string, call: CallContext): Promise<RolePermissions[] | undefined> {
    const about = `the permissions of group ${group} in ${domain}`;
    const path = ['permissions', domain, 'resources'];
    const reply = await this.read({ path, query: { groupId: group }, about }, call);
    return isMissing(reply) ? undefined : shaped(reply, rolePermissionsList, about).data;
  }

  /** Gives a group a role in a domain. One request, never repeated here. */
  async addGroupRole(row: GroupRole, call: CallContext): Promise<Written> {
    const about = `role ${row.roleName} of group ${row.group} in ${row.domain.id}`;
    const request = { method: 'POST', path: this.at(['group-roles']), json: row, signal: call.signal } as const;
    const reply = await writeReply(this.session.send(request), (error) => transportError(error, about));
    if ('outcome' in reply) return reply;
    const outcome = writeOutcome(reply);
    if (outcome === 'done') return { outcome };
    const error = replyError(reply, about);
    if (outcome === 'unknown' || error.code === 'EXSTREAM_BAD_REPLY') return { outcome: 'unknown', code: error.code };
    return { outcome, error };
  }

  /** A list to its end without `offset`, whose meaning is unknown: asked again with as many rows as there are. */
  private async whole<T extends { id: string }>(
    asked: Asked,
    shape: z.ZodType<{ data: T[]; page: { totalElements: number } }>,
    call: CallContext,
  ): Promise<T[]> {
    let count = this.choices.count;
    for (const _try of [1, 2]) {
      const { data, page } = await this.get({ ...asked, query: { ...asked.query, count } }, shape, call);
      if (new Set(data.map(({ id }) => id)).size >= page.totalElements) return data;
      count = Math.max(count, page.totalElements);
    }
    throw exstreamError('EXSTREAM_INCOMPLETE', { about: asked.about });
  }

  private async get<T>(asked: Asked, shape: z.ZodType<T>, call: CallContext): Promise<T> {
    return shaped(await this.read(asked, call), shape, asked.about);
  }

  private async read({ path, query, about }: Asked, { signal }: CallContext): Promise<HttpReply> {
    const request = { method: 'GET', path: this.at(path), ...(query && { query }), idempotent: true, signal } as const;
    return await readReply(this.session.send(request), (error) => transportError(error, about));
  }

  private async unserved(
    reply: HttpReply,
    domain: string | undefined,
    about: string,
    call: CallContext,
  ): Promise<SystemError> {
    const served = domain !== undefined && !isMissing(await this.read({ path: ['group-roles'], about }, call));
    return served ? replyError(reply, about) : exstreamError('EXSTREAM_UNSUPPORTED', { about: 'group-roles' });
  }

  private at(path: readonly string[]): readonly string[] {
    return [...this.choices.designPath.split('/').filter((part) => part !== ''), ...path];
  }
}

/** Not there, not served, or not ours to see: on a semi-public path these look alike. */
function isMissing(reply: HttpReply): boolean {
  return isAbsent(reply) || (reply.status === 403 && !reply.garbled);
}

function shaped<T>(reply: HttpReply, shape: z.ZodType<T>, about: string): T {
  if (reply.garbled || reply.status < 200 || reply.status > 299) throw replyError(reply, about);
  const result = shape.safeParse(reply.json());
  if (!result.success) throw exstreamError('EXSTREAM_UNEXPECTED', { about, status: reply.status });
  return result.data;
}
