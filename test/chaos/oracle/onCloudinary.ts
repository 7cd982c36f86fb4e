import { isDeepStrictEqual } from 'node:util';
import { differs, evidenceOf, type Evidence, type Report } from './evidence.ts';
import type { Person } from './person.ts';
import { CLOUD } from './policy.ts';
import type { Assignment, Baseline, CloudinaryState, CloudinaryUser, Seen } from './reading.ts';

const ACCOUNT = 'cloudinary:account';
const ENVIRONMENT = `cloudinary:environment/${CLOUD}`;

export function onCloudinary(
  people: readonly Person[],
  cloudinary: CloudinaryState,
  from: Baseline,
  writes: readonly Seen[],
  now: number,
): Report {
  const reading = new Reading(cloudinary, people);
  return {
    wrong: [...people.flatMap((p) => reading.stateOf(p, now)), ...bystanders(people, cloudinary, from)],
    evidence: writes.flatMap((w) => reading.evidence(w)),
    strange: reading.strange(writes),
  };
}

class Reading {
  readonly #state: CloudinaryState;
  readonly #people: readonly Person[];
  readonly #production: string;

  constructor(state: CloudinaryState, people: readonly Person[]) {
    this.#state = state;
    this.#people = people;
    this.#production = Object.values(state.environments).find((env) => env.cloud_name === CLOUD)?.id ?? '';
  }

  #owner(userId: string): Person | undefined {
    const mail = this.#state.users[userId]?.email.toLowerCase();
    return this.#people.find((p) => p.last.mail === mail);
  }

  #held(user: CloudinaryUser): Set<string> {
    const groups = Object.values(this.#state.groups).filter((group) => group.users.includes(user.id));
    const own = Object.values(this.#state.assignments).filter(
      (one) => one.principal_type === 'user' && one.principal_id === user.id,
    );
    return new Set([
      ...groups.map(({ name }) => `cloudinary:group/${name}`),
      ...own.map((one) => this.#roleKey(one)),
      ...(user.sub_account_ids.includes(this.#production) ? [ENVIRONMENT] : []),
    ]);
  }

  #roleKey({ role_id, policy_parameters }: Assignment): string {
    const level = role_id.split('::').at(-1);
    const folder = this.#state.folders[policy_parameters['folder_id'] ?? ''];
    return folder ? `cloudinary:folder/${folder.path}#${level}@${CLOUD}` : `cloudinary:role/${level}@${CLOUD}`;
  }

  stateOf(p: Person, now: number): string[] {
    const { who } = p.last;
    const due = new Set([...p.due(now)].filter((key) => key.startsWith('cloudinary:')));
    const users = Object.values(this.#state.users).filter((u) => u.email.toLowerCase() === p.last.mail);
    const [user] = users;
    if (!user)
      return due.size > 0 ? [`${who} has no account on Cloudinary and should hold ${[...due].join(', ')}`] : [];
    const wrong = differs(who, 'Cloudinary', this.#held(user), due);
    if (users.length > 1) wrong.push(`${who} has ${users.length} accounts on Cloudinary`);
    if (user.sub_account_ids.length === 0) wrong.push(`${who} may enter every environment of Cloudinary`);
    if (due.size > 0) {
      if (!user.enabled) wrong.push(`${who} is disabled on Cloudinary and should not be`);
      const profile = { name: p.last.display, role: 'media_library_user' };
      for (const [name, value] of Object.entries(profile))
        if (user[name as keyof typeof profile] !== value)
          wrong.push(
            `${who}: ${name} is "${user[name as keyof typeof profile]}" on Cloudinary and should be "${value}"`,
          );
    } else if (p.isLeaver(now) && user.enabled) wrong.push(`${who} is enabled on Cloudinary and should be closed`);
    return wrong;
  }

  evidence(w: Seen): Evidence[] {
    const op = w.after ? 'grant' : 'revoke';
    if (w.object === 'membership') {
      const [group = '', user = ''] = w.id.split('/');
      return evidenceOf(this.#owner(user), `cloudinary:group/${this.#state.groups[group]?.name}`, op, w);
    }
    if (w.object === 'assignment') {
      const one = (w.after ?? w.before) as Assignment | null; // the state's own rows
      return one ? evidenceOf(this.#owner(one.principal_id), this.#roleKey(one), op, w) : [];
    }
    return w.object === 'user' ? this.#ofUser(w) : [];
  }

  /** An account that is made, opened or closed; an environment that is entered or left. */
  #ofUser(w: Seen): Evidence[] {
    const person = this.#owner(w.id);
    const enters = (side: Seen['after']): boolean | undefined =>
      (side?.['sub_account_ids'] as string[] | undefined)?.includes(this.#production);
    const [was, is] = [w.before === null ? false : w.before['enabled'], w.after?.['enabled']];
    const [before, after] = [w.before === null ? false : enters(w.before), enters(w.after)];
    return [
      ...(was !== is && is !== undefined ? evidenceOf(person, ACCOUNT, is === true ? 'grant' : 'revoke', w) : []),
      ...(before !== after && after !== undefined
        ? evidenceOf(person, ENVIRONMENT, after ? 'grant' : 'revoke', w)
        : []),
    ];
  }

  strange(writes: readonly Seen[]): Seen[] {
    const made = new Set<string>();
    return writes.filter((w) => {
      if (w.object === 'membership') return !this.#owner(w.id.split('/')[1] ?? '');
      if (w.object === 'assignment') {
        const one = (w.after ?? w.before) as Assignment | null; // the state's own rows
        return one !== null && (one.principal_type !== 'user' || !this.#owner(one.principal_id));
      }
      if (w.object !== 'user' || w.after === null) return true; // nothing else is ever written, nobody deleted
      // An empty list means every environment.
      if ((w.after['sub_account_ids'] as string[] | undefined)?.length === 0) return true;
      if (w.before !== null) return !this.#owner(w.id);
      const mail = String(w.after['email']).toLowerCase();
      const again = made.has(mail);
      made.add(mail);
      return again || !this.#people.find((p) => p.last.mail === mail)?.everDue('cloudinary', Date.parse(w.at));
    });
  }
}

/** Accounts that are nobody's in the directory stay as they were. */
function bystanders(people: readonly Person[], state: CloudinaryState, from: Baseline): string[] {
  const ours = new Set(people.map((p) => p.last.mail));
  const told = (u: CloudinaryUser | undefined) => u && [u.enabled, u.name, u.role, [...u.sub_account_ids].sort()];
  return Object.values(from.cloudinary.users)
    .filter((u) => !ours.has(u.email.toLowerCase()) && !isDeepStrictEqual(told(u), told(state.users[u.id])))
    .map((u) => `${u.email} is nobody's on Cloudinary and was changed`);
}
