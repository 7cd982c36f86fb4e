import type { Entity, OtdsState } from './model.ts';

/** Distinguished names. OTDS 22.1 and later names objects by uuid, earlier ones by cn; clients must not read them. */

export const ROOT = 'dc=identity,dc=opentext,dc=net';
export type Kind = 'user' | 'group' | 'role';

const CLASS = { user: 'oTPerson', group: 'oTGroup', role: 'oTRole' } as const;
const USUAL_OU = { user: 'users', group: 'groups', role: 'roles' } as const;

/** The long form, as `location` shows it. */
export function locationOf(state: OtdsState, kind: Kind, e: Entity): string {
  if (state.choices.DN_STYLE === 'cn')
    return `cn=${e.name},ou=${e.ou ?? 'Root'},ou=${e.partition},ou=IdentityProviders,${ROOT}`;
  return `${CLASS[kind]}=${e.uuid},orgunit=${e.ou ?? USUAL_OU[kind]},partition=${e.partition},${ROOT}`;
}

/** The short form, as `oTMemberOf` shows it. */
export function shortDn(state: OtdsState, kind: Kind, e: Entity): string {
  return state.choices.DN_STYLE === 'cn' ? locationOf(state, kind, e) : `${CLASS[kind]}=${e.uuid},${ROOT}`;
}

export function partitionDn(name: string): string {
  return `partition=${name},${ROOT}`;
}

export function orgUnitDn(partition: string, name: string): string {
  return `orgunit=${name},partition=${partition},${ROOT}`;
}

export function resourceDn(uuid: string): string {
  return `oTResource=${uuid},${ROOT}`;
}

export function accessRoleDn(uuid: string): string {
  return `oTAccessRole=${uuid},${ROOT}`;
}

export function oauthClientDn(uuid: string): string {
  return `oTOAuthClient=${uuid},orgunit=users,partition=OAuthClients,${ROOT}`;
}

/** Licences are named the old way, with a superscript one before the resource. */
export function licenseDn(name: string): string {
  return `cn=${name},ou=Licenses,${ROOT}`;
}

export type DnParts = { uuid: string | null; name: string | null; partition: string | null; unit: string | null };

/** What a DN says, short or long, old or new; null for a text that is none. */
export function parseDn(text: string): DnParts | null {
  const match =
    /^(oTPerson|oTGroup|oTRole|oTResource|oTAccessRole|oTOAuthClient|cn|ou|orgunit|partition)=(.*),dc=[^,]+$/is.exec(
      text,
    );
  if (!match) return null;
  const [head = '', ...rest] = text.split(/,(?=(?:ou|orgunit|partition|dc)=)/i);
  const value = head.slice(head.indexOf('=') + 1);
  const part = (name: string) =>
    rest.find((p) => p.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  const kind = (match[1] ?? '').toLowerCase();
  if (kind === 'cn') {
    const units = rest.filter((p) => /^ou=/i.test(p)).map((p) => p.slice(3));
    return { uuid: null, name: value, partition: units.at(-2) ?? null, unit: units[0] ?? null };
  }
  if (kind === 'partition') return { uuid: null, name: null, partition: value, unit: null };
  if (kind === 'orgunit' || kind === 'ou') return { uuid: null, name: null, partition: part('partition'), unit: value };
  return { uuid: value.toLowerCase(), name: null, partition: part('partition'), unit: part('orgunit') };
}
