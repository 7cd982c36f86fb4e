import { fields, isObject } from '../common/fields.ts';
import { Refusal } from '../common/types.ts';
import type { Context, Json } from '../common/types.ts';
import { attributesOf } from './attributes.ts';
import { isChoice, wrongChoice } from './chosen.ts';
import { Directory } from './directory.ts';
import { OtdsError } from './errors.ts';
import { candidates, partitionNamed } from './refs.ts';
import { importAll } from './sync.ts';
import { addUser } from './writes.ts';
import type { Attributes, OtdsState, Partition, Upstream } from './model.ts';

type Input = { as?: string; action: string; [k: string]: Json };
type Ctx = Context<OtdsState>;

const COMMON = { as: 'string?', action: 'string' } as const;

/** What people do outside of OTDS's REST interface: edits in the source directory, and switches of the stand-in. */
export function act(input: Input, ctx: Ctx): Json {
  switch (input.action) {
    case 'upstream':
      return upstream(input, ctx);
    case 'import':
      return importNow(input, ctx);
    case 'expireTickets':
      return expireTickets(input, ctx);
    case 'choose':
      return choose(input, ctx);
    case 'editAdministrators':
      return editAdministrators(input, ctx);
    case 'twin':
      return twin(input, ctx);
    default:
      throw new Refusal(
        `OTDS has no action "${input.action}"; known: upstream, import, expireTickets, choose, editAdministrators, twin.`,
      );
  }
}

function synchronised(ctx: Ctx, name: unknown): Partition {
  const all = Object.values(ctx.state.partitions).filter((p) => p.synchronised);
  const found = all.find((p) => (name === undefined ? true : p.name === name));
  if (!found)
    throw new Refusal(
      `There is no synchronised partition ${String(name)}; there are ${all.map((p) => p.name).join(', ')}.`,
    );
  return found;
}

/** `{action:"upstream", partition?, person, set|disable|remove|create}` or `{…, group, add|drop: person}` */
function upstream(input: Input, ctx: Ctx): Json {
  const f = fields('upstream', input, {
    ...COMMON,
    partition: 'string?',
    person: 'string?',
    group: 'string?',
    set: 'object?',
    create: 'object?',
    disable: 'boolean?',
    remove: 'boolean?',
    add: 'string?',
    drop: 'string?',
  });
  const partition = synchronised(ctx, f['partition']);
  const source = (ctx.state.upstream[partition.name] ??= { people: {}, groups: {} });
  const bare = (ref: unknown) => String(ref).replace(new RegExp(`@${partition.name}$`, 'i'), '');
  const done = typeof f['group'] === 'string' ? editGroup(source, f, bare) : editPerson(source, f, bare);
  ctx.write({ object: 'upstream', id: `${partition.name}/${bare(f['group'] ?? f['person'])}`, ...done });
  return { partition: partition.name, note: 'visible in OTDS after the next import' };
}

function entryOf(source: Upstream, login: string): [string, Upstream['people'][string]] {
  const found = Object.entries(source.people).find(([, p]) => p.login.toLowerCase() === login.toLowerCase());
  if (!found) throw new Refusal(`There is nobody called ${login} upstream.`, 404);
  return found;
}

/** Attributes as `{name: value}` or `{name: [values]}`. */
function givenAttributes(set: unknown): Attributes {
  try {
    return attributesOf({ attributes: set }) ?? {};
  } catch (error) {
    throw error instanceof OtdsError ? new Refusal(error.message) : error;
  }
}

type Done = { before: Json; after: Json };

function editPerson(source: Upstream, f: Record<string, unknown>, bare: (ref: unknown) => string): Done {
  if (typeof f['person'] !== 'string') throw new Refusal('upstream needs a person (or a group with add or drop).');
  const login = bare(f['person']);
  const verbs = ['set', 'create', 'disable', 'remove'].filter((verb) => f[verb] !== undefined);
  if (verbs.length !== 1) throw new Refusal('upstream takes exactly one of set, create, disable, remove.');
  if (isObject(f['create'])) {
    if (Object.values(source.people).some((p) => p.login.toLowerCase() === login.toLowerCase()))
      throw new Refusal(`${login} exists upstream already.`);
    const attributes = givenAttributes(f['create']);
    source.people[`up-${Object.keys(source.people).length + 1}-${login}`] = { login, attributes, disabled: false };
    return { before: null, after: attributes };
  }
  const [id, person] = entryOf(source, login);
  if (f['remove'] === true) {
    delete source.people[id];
    for (const g of Object.values(source.groups)) g.members = g.members.filter((m) => m !== id);
    return { before: { login }, after: null };
  }
  if (typeof f['disable'] === 'boolean') {
    const before = { disabled: person.disabled };
    person.disabled = f['disable'];
    return { before, after: { disabled: person.disabled } };
  }
  return setAttributes(person, f['set']);
}

function setAttributes(person: Upstream['people'][string], set: unknown): Done {
  const { login, ...rest } = isObject(set) ? set : {};
  const given = givenAttributes(rest);
  const before: { [k: string]: Json } = Object.fromEntries(
    Object.keys(given).map((name) => [name, person.attributes[name] ?? []]),
  );
  const after: { [k: string]: Json } = { ...given };
  Object.assign(person.attributes, given);
  if (typeof login === 'string') {
    before['login'] = person.login;
    after['login'] = person.login = login;
  }
  return { before, after };
}

function editGroup(source: Upstream, f: Record<string, unknown>, bare: (ref: unknown) => string): Done {
  const name = bare(f['group']);
  const group = Object.values(source.groups).find((g) => g.name.toLowerCase() === name.toLowerCase());
  if (!group) throw new Refusal(`There is no group called ${name} upstream.`, 404);
  const [id] = entryOf(source, bare(f['add'] ?? f['drop']));
  const there = group.members.includes(id);
  group.members = group.members.filter((m) => m !== id);
  if (f['add'] !== undefined) group.members.push(id);
  return { before: { member: there ? id : null }, after: { member: f['add'] === undefined ? null : id } };
}

/** `{action:"import", partition?}`: as POST /identityproviderprofiles/{name}/command does. */
function importNow(input: Input, ctx: Ctx): Json {
  const f = fields('import', input, { ...COMMON, partition: 'string?' });
  const partition = synchronised(ctx, f['partition']);
  importAll(ctx, partition.name);
  return { imported: partition.name };
}

/** `{action:"expireTickets"}`: every ticket and token is too old from now on. */
function expireTickets(input: Input, ctx: Ctx): Json {
  fields('expireTickets', input, COMMON);
  const expires = ctx.now().toISOString();
  const all = [...Object.values(ctx.state.tickets), ...Object.values(ctx.state.tokens)];
  for (const entry of all) entry.expires = expires;
  return { expired: all.length };
}

/** `{action:"choose", constant, value}`: another answer to what nobody knows (chosen.ts). */
function choose(input: Input, ctx: Ctx): Json {
  const { constant, value } = fields('choose', input, { ...COMMON, constant: 'string', value: 'any' });
  const wrong = wrongChoice(constant, value);
  if (wrong !== null || !isChoice(constant)) throw new Refusal(wrong ?? 'constant is missing.');
  ctx.state.choices[constant] = String(value);
  return { [constant]: String(value) };
}

/** `{action:"editAdministrators", partition, add|remove: "login@partition"}`: the console's "Edit Administrators". */
function editAdministrators(input: Input, ctx: Ctx): Json {
  const f = fields('editAdministrators', input, { ...COMMON, partition: 'string', add: 'string?', remove: 'string?' });
  const partition = ctx.state.partitions[String(f['partition'])];
  if (!partition) throw new Refusal(`There is no partition ${String(f['partition'])}.`, 404);
  const before = partition.administrators;
  const kept = before.filter((a) => a !== f['remove'] && a !== f['add']);
  partition.administrators = typeof f['add'] === 'string' ? [...kept, f['add']] : kept;
  ctx.write({
    object: 'partition',
    id: partition.name,
    before: { administrators: before },
    after: { administrators: partition.administrators },
  });
  return { administrators: partition.administrators };
}

/** `{action:"twin", person: "login@partition", partition}`: the same person once more, with the same login, in another partition. */
function twin(input: Input, ctx: Ctx): Json {
  const f = fields('twin', input, { ...COMMON, person: 'string', partition: 'string' });
  const dir = Directory.of(ctx.state);
  const person = candidates(ctx.state, dir.users, String(f['person']))[0];
  if (!person) throw new Refusal(`There is nobody called ${String(f['person'])}.`, 404);
  const partition = partitionNamed(ctx.state, String(f['partition']));
  if (!partition || partition.synchronised)
    throw new Refusal(`There is no partition ${String(f['partition'])} that can be written to.`, 404);
  if (dir.users.named(person.name, partition.name).length > 0)
    throw new Refusal(`${person.name} is in ${partition.name} already.`);
  const { name, description, attributes } = person;
  const made = addUser(ctx, { partition: partition.name, name, description, attributes: structuredClone(attributes) });
  return { uuid: made.uuid };
}
