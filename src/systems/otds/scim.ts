import { z } from 'zod';
import { isSynchronised, lookedAfter } from './attributes.ts';
import { otdsError } from './errors.ts';
import type { OtdsConfig } from '../../config/types.ts';
import type { Person } from '../../domain/person.ts';
import { same } from './shapes.ts';
import type { OtdsObject } from './shapes.ts';
import type { Wire, Written } from './wire.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * OTDS attribute (as REST shows it) → path in SCIM. The SCIM fields are those that Microsoft's tutorial maps (contracts/otds.md 9); which attribute
 * each lands in is inferred from their names.
 */
export const SCIM_PATHS: Readonly<Record<string, string>> = {
  displayName: 'displayName',
  title: 'title',
  preferredLanguage: 'preferredLanguage',
  givenName: 'name.givenName',
  sn: 'name.familyName',
  mail: 'emails[type eq "work"].value',
  oTDepartment: `${ENTERPRISE}:department`,
  employeeNumber: `${ENTERPRISE}:employeeNumber`,
};

const found = z.looseObject({ Resources: z.array(z.looseObject({ id: z.string().min(1) })).nullish() });

type Kind = 'Users' | 'Groups';
type Operation = { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown };

/**
 * Writes by OTDS's SCIM server; reads stay with REST, whose view is the proof. What SCIM calls an id is looked up before each write: that it is the
 * uuid is nowhere said.
 */
export class OtdsScim {
  private readonly wire: Wire;
  private readonly config: OtdsConfig;

  constructor(wire: Wire, config: OtdsConfig) {
    this.wire = wire;
    this.config = config;
  }

  /** Its partitions must be looked after and not synchronised (contracts/otds.md 9). */
  serves(partition: string): boolean {
    return lookedAfter(this.config, partition) !== undefined && !isSynchronised(this.config, partition);
  }

  /** A user of the person's partition, enabled, without a password. */
  async createUser(person: Person, profile: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Written> {
    const json = {
      schemas: [USER, ENTERPRISE],
      userName: person.login,
      externalId: person.uuid,
      active: true,
      ...resource(profile),
    };
    return this.write('POST', [person.partition, 'Users'], person.who, json, signal);
  }

  /** `values` by OTDS's names; `accountDisabled` becomes `active`. */
  async patchUser(
    user: OtdsObject,
    values: Readonly<Record<string, string>>,
    about: string,
    signal: AbortSignal,
  ): Promise<Written> {
    const operations = Object.entries(values).map(([name, value]): Operation => {
      if (name === 'accountDisabled') return { op: 'replace', path: 'active', value: value !== 'true' };
      return { op: 'replace', path: SCIM_PATHS[name] ?? '', value };
    });
    return this.patch('Users', user, operations, about, signal);
  }

  /** Adds or removes one member; the others stay. Both are of one partition: whether SCIM knows members of another is not known. */
  async member(
    op: 'grant' | 'revoke',
    user: OtdsObject,
    group: OtdsObject,
    about: string,
    signal: AbortSignal,
  ): Promise<Written> {
    const id = await this.idOf('Users', user, about, signal);
    const operation: Operation =
      op === 'grant'
        ? { op: 'add', path: 'members', value: [{ value: id }] }
        : { op: 'remove', path: `members[value eq ${quoted(id)}]` };
    return this.patch('Groups', group, [operation], about, signal);
  }

  private async patch(
    kind: Kind,
    object: OtdsObject,
    operations: readonly Operation[],
    about: string,
    signal: AbortSignal,
  ): Promise<Written> {
    const id = await this.idOf(kind, object, about, signal);
    const json = { schemas: [PATCH], Operations: operations };
    return this.write('PATCH', [object.userPartitionID, kind, id], about, json, signal);
  }

  /** By name, exactly: what the filter compares is not trusted to be all. */
  private async idOf(kind: Kind, object: OtdsObject, about: string, signal: AbortSignal): Promise<string> {
    const name = kind === 'Users' ? 'userName' : 'displayName';
    const query = {
      filter: `${name} eq ${quoted(object.name)}`,
      ...(kind === 'Groups' && { excludedAttributes: 'members' }),
    };
    const body = await this.wire.get({ path: [object.userPartitionID, kind], about, query, signal });
    const { data } = found.safeParse(body);
    const [only, more] = (data?.Resources ?? []).filter((one) => same(String(one[name]), object.name));
    if (!only || more) throw otdsError('OTDS_SCIM_UNKNOWN', { about });
    return only.id;
  }

  private write(
    method: 'POST' | 'PATCH',
    path: readonly string[],
    about: string,
    json: object,
    signal: AbortSignal,
  ): Promise<Written> {
    return this.wire.write(method, { path, about, signal }, json);
  }
}

/** A text in a filter (RFC 7644 3.4.2.2: as in JSON). */
const quoted = (text: string): string => JSON.stringify(text);

/** The whole resource that these attributes make. */
function resource(profile: Readonly<Record<string, string>>): Record<string, unknown> {
  const { givenName, sn, mail, oTDepartment, employeeNumber, ...plain } = profile;
  const name = { ...(givenName && { givenName }), ...(sn && { familyName: sn }) };
  const enterprise = { ...(oTDepartment && { department: oTDepartment }), ...(employeeNumber && { employeeNumber }) };
  return {
    ...plain,
    ...(Object.keys(name).length > 0 && { name }),
    ...(mail && { emails: [{ type: 'work', value: mail, primary: true }] }),
    ...(Object.keys(enterprise).length > 0 && { [ENTERPRISE]: enterprise }),
  };
}
