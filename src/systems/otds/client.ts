import { z } from 'zod';
import type { OtdsConfig } from '../../config/types.ts';
import type { Http, HttpRequest } from '../http.ts';
import { isRecord } from '../transport.ts';
import type { OtdsChoices } from './choices.ts';
import { otdsError } from './errors.ts';
import { all, nextCookie, onePage, pages } from './paging.ts';
import type { Scan } from './paging.ts';
import { createSession } from './session.ts';
import { accessRole, currentUser, keyOf, otdsObject, otdsRole, refOf } from './shapes.ts';
import type { AccessRole, OtdsObject, OtdsRole } from './shapes.ts';
import { createWire } from './wire.ts';
import type { Wire, Written } from './wire.ts';
import { OtdsScim } from './scim.ts';

export type ClientDeps = {
  config: OtdsConfig;
  http: Http;
  secret: (ref: string) => string;
  choices: OtdsChoices;
  /** For SCIM, where it has an address of its own (`scimUrl`). */
  scimHttp?: Http | undefined;
  /** True where OTDS is the directory: a person's uuid is then the account's. */
  ownPeople: boolean;
};

export type Members = { users: OtdsObject[]; groups: OtdsObject[] };

/** Whose object something is: a user, or a group inside groups. */
export type Kind = 'users' | 'groups';

/** OTDS's REST interface as far as Tenure uses it, typed. Reads give undefined for what is not there; all throw `SystemError` only. */
export class OtdsClient {
  readonly config: OtdsConfig;
  readonly choices: OtdsChoices;
  readonly ownPeople: boolean;
  /** Writes of accounts and group members go this way where it serves the partition; undefined: all by REST. */
  readonly scim: OtdsScim | undefined;
  private readonly wire: Wire;

  constructor(deps: ClientDeps) {
    this.config = deps.config;
    this.choices = deps.choices;
    this.ownPeople = deps.ownPeople;
    const session = createSession(deps);
    this.wire = createWire(session);
    const { scimHttp } = deps;
    const scimSession = scimHttp ? { send: (request: HttpRequest) => session.send(request, scimHttp) } : session;
    const scim = { root: scimHttp ? [] : ['scim'], type: 'application/scim+json' };
    this.scim = deps.config.via === 'scim' ? new OtdsScim(createWire(scimSession, scim), deps.config) : undefined;
  }

  /** `ref`: `login@partition` or DN. */
  async user(ref: string, signal: AbortSignal): Promise<OtdsObject | undefined> {
    return parsed(otdsObject, await this.wire.get({ path: ['users', ref], about: ref, signal }), ref);
  }

  async group(ref: string, signal: AbortSignal): Promise<OtdsObject | undefined> {
    return parsed(otdsObject, await this.wire.get({ path: ['groups', ref], about: `group ${ref}`, signal }), ref);
  }

  /** Every user or group of a partition, page by page, to the end. */
  list(kind: Kind, partition: string, signal: AbortSignal): AsyncGenerator<readonly OtdsObject[]> {
    return pages(this.wire, this.listing(kind, partition, signal));
  }

  /** One page of `list` for those who keep the cookie themselves; `refused`: begin again. */
  async listPage(
    kind: Kind,
    partition: string,
    cookie: string | undefined,
    signal: AbortSignal,
  ): Promise<{ items: readonly OtdsObject[]; cookie: string | undefined } | 'refused'> {
    const scan = this.listing(kind, partition, signal);
    const body = await onePage(this.wire, scan, cookie);
    return body === 'refused' ? body : { items: scan.itemsOf(body), cookie: nextCookie(body, scan.about) };
  }

  /** Groups that hold this user or group directly. */
  memberOf(kind: Kind, of: OtdsObject, signal: AbortSignal): Promise<OtdsObject[]> {
    const about = keyOf(of);
    return all(
      this.wire,
      this.scan({ path: [kind, refOf(of), 'memberof'], about, signal }, objectsIn('groups', about)),
    );
  }

  /** Direct members of a group (the reply's form is a choice: `{users, groups, nextPageCookie}`). */
  async members(group: OtdsObject, signal: AbortSignal): Promise<Members> {
    const about = `group ${keyOf(group)}`;
    const users = objectsIn('users', about);
    const groups = objectsIn('groups', about);
    const scan = this.scan({ path: ['groups', refOf(group), 'members'], about, signal }, (body) => [
      ...users(body).map((object) => ({ ...object, isUser: true })),
      ...groups(body).map((object) => ({ ...object, isUser: false })),
    ]);
    const found = await all(this.wire, scan);
    return { users: found.filter((m) => m.isUser), groups: found.filter((m) => !m.isUser) };
  }

  /** Roles a user holds directly. Not known to be paged; a cookie is followed where one comes. */
  userRoles(user: OtdsObject, signal: AbortSignal): Promise<OtdsRole[]> {
    const about = keyOf(user);
    return this.roles({ path: ['users', refOf(user), 'roles'], about, signal });
  }

  /** The one role of exactly that name; undefined: none. All are listed, because what `where_filter` matches is unknown. */
  async role(name: string, signal: AbortSignal): Promise<OtdsRole | undefined> {
    const about = `role ${name}`;
    const found = await this.roles({ path: ['roles'], about, signal });
    const exact = found.filter((role) => role.name === name);
    if (exact.length > 1) throw otdsError('OTDS_CONFLICT', { about: `${about}: several partitions have it` });
    return exact[0];
  }

  async accessRole(name: string, signal: AbortSignal): Promise<AccessRole | undefined> {
    const about = `access role ${name}`;
    return parsed(accessRole, await this.wire.get({ path: ['accessroles', name], about, signal }), about);
  }

  async accessRoleNames(signal: AbortSignal): Promise<string[]> {
    const about = 'the list of access roles';
    const body = await this.wire.get({ path: ['accessroles'], about, signal });
    const list = parsed(
      z.looseObject({ [this.choices.accessRoleList]: z.array(z.looseObject({ name: z.string() })) }),
      body,
      about,
    );
    const names = list?.[this.choices.accessRoleList] ?? [];
    return Array.isArray(names) ? names.map((role) => String(role.name)) : [];
  }

  /** True where the credential is an administrator's. */
  async isAdmin(signal: AbortSignal): Promise<boolean> {
    const about = 'the current user';
    const me = parsed(currentUser, await this.wire.get({ path: ['currentuser'], about, signal }), about);
    return me?.isAdmin === true || me?.isSysAdmin === true;
  }

  async hasPartition(name: string, signal: AbortSignal): Promise<boolean> {
    return (await this.wire.get({ path: ['partitions', name], about: `partition ${name}`, signal })) !== undefined;
  }

  patchUser(user: OtdsObject, values: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Written> {
    const changes = Object.entries(values).map(([name, text]) => ({ name, values: [text] }));
    return this.write('PATCH', user, signal, { userPartitionID: user.userPartitionID, values: changes });
  }

  /** The whole object, edited: for servers that refuse PATCH. */
  putUser(user: OtdsObject, values: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Written> {
    const kept = (user.values ?? []).filter((entry) => !Object.hasOwn(values, entry.name));
    const edited = Object.entries(values).map(([name, text]) => ({ name, values: [text] }));
    return this.write('PUT', user, signal, { ...user, values: [...kept, ...edited] });
  }

  deleteUser(user: OtdsObject, signal: AbortSignal): Promise<Written> {
    return this.write('DELETE', user, signal);
  }

  addToGroup(user: OtdsObject, group: OtdsObject, signal: AbortSignal): Promise<Written> {
    const path = ['users', refOf(user), 'memberof'];
    return this.wire.write('POST', { path, about: `group ${keyOf(group)}`, signal }, { stringList: [group.location] });
  }

  /** By the group's own deletion set, which is better evidenced; by the user's where that path is not served. */
  async removeFromGroup(user: OtdsObject, group: OtdsObject, signal: AbortSignal): Promise<Written> {
    const about = `group ${keyOf(group)}`;
    const byGroup = ['groups', refOf(group), 'members', 'deletionset'];
    const first = await this.wire.write('POST', { path: byGroup, about, signal }, { stringList: [user.location] });
    if (first.outcome !== 'refused' || !first.missing) return first;
    const byUser = ['users', refOf(user), 'memberof', 'deletionset'];
    return this.wire.write('POST', { path: byUser, about, signal }, { stringList: [group.location] });
  }

  addToRole(user: OtdsObject, role: OtdsRole, signal: AbortSignal): Promise<Written> {
    const path = ['users', refOf(user), 'roles'];
    return this.wire.write('POST', { path, about: `role ${role.name}`, signal }, { stringList: [role.location] });
  }

  removeFromRole(user: OtdsObject, role: OtdsRole, signal: AbortSignal): Promise<Written> {
    const ref = /[/\\]/.test(role.name) ? role.location : keyOf(role);
    const path = ['roles', ref, 'members', 'deletionset'];
    return this.wire.write('POST', { path, about: `role ${role.name}`, signal }, { stringList: [user.location] });
  }

  /** Adds one user; leaves the other members alone. */
  addToAccessRole(name: string, user: OtdsObject, signal: AbortSignal): Promise<Written> {
    const path = ['accessroles', name, 'members'];
    const users = [{ name: keyOf(user), location: user.location }];
    return this.wire.write('POST', { path, about: `access role ${name}`, signal }, { users });
  }

  /** Replaces the whole role: only under its lock, right after reading it. */
  putAccessRole(role: AccessRole, signal: AbortSignal): Promise<Written> {
    return this.wire.write(
      'PUT',
      { path: ['accessroles', role.name], about: `access role ${role.name}`, signal },
      role,
    );
  }

  private write(
    method: 'PATCH' | 'PUT' | 'DELETE',
    user: OtdsObject,
    signal: AbortSignal,
    json?: object,
  ): Promise<Written> {
    return this.wire.write(method, { path: ['users', refOf(user)], about: keyOf(user), signal }, json);
  }

  private listing(kind: Kind, partition: string, signal: AbortSignal): Scan<OtdsObject> {
    const about = `the ${kind} of partition ${partition}`;
    const scan = this.scan(
      { path: [kind], about, query: { where_partition_name: partition }, signal },
      objectsIn(kind, about),
    );
    // Unknown parameters are ignored by OTDS: never take its word that the filter held.
    const mine = (object: OtdsObject) => object.userPartitionID.toLowerCase() === partition.toLowerCase();
    return { ...scan, itemsOf: (body) => scan.itemsOf(body).filter(mine) };
  }

  private scan<T extends OtdsObject>(
    asked: Omit<Scan<T>, 'itemsOf' | 'idOf' | 'pageSize' | 'restarts'>,
    itemsOf: Scan<T>['itemsOf'],
  ): Scan<T> {
    return {
      ...asked,
      itemsOf,
      idOf: (object) => object.uuid,
      pageSize: this.choices.pageSize,
      restarts: this.choices.scanRestarts,
    };
  }

  private roles(asked: Pick<Scan<OtdsRole>, 'path' | 'about' | 'query' | 'signal'>): Promise<OtdsRole[]> {
    const itemsOf = listOf(otdsRole, 'roles', asked.about);
    return all(this.wire, {
      ...asked,
      itemsOf: (body) => {
        body['nextPageCookie'] ??= null;
        return itemsOf(body);
      },
      idOf: (role) => role.location,
      pageSize: this.choices.pageSize,
      restarts: this.choices.scanRestarts,
    });
  }
}

function objectsIn(list: string, about: string): (body: Record<string, unknown>) => OtdsObject[] {
  return listOf(otdsObject, list, about);
}

function listOf<T>(shape: z.ZodType<T>, list: string, about: string): (body: Record<string, unknown>) => T[] {
  return (body) => parsed(z.array(shape), body[list] ?? undefined, about) ?? missing(about);
}

function missing(about: string): never {
  throw otdsError('OTDS_UNEXPECTED', { about });
}

/** The body in its shape; undefined stays undefined (not there). What OTDS wrote is never quoted. */
function parsed<T>(shape: z.ZodType<T>, body: unknown, about: string): T | undefined {
  if (body === undefined) return undefined;
  const result = shape.safeParse(body);
  if (!result.success || !isRecord(body)) throw otdsError('OTDS_UNEXPECTED', { about });
  return result.data;
}
