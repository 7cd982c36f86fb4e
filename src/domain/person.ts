/** One human in the directory. Keyed by `uuid`: a rename keeps the person. Written `login@partition` (`who`). */
export type Person = {
  uuid: string;
  login: string;
  partition: string;
  /** `login@partition`, as the directory spells it; the only form that may enter a workflow history. */
  who: string;
  /** What the directory says about the account itself. `absent`: the directory no longer has this uuid. */
  state: 'active' | 'disabled' | 'locked' | 'absent';
  type: 'employee' | 'contractor' | 'partner';
  /** Effective groups, direct and nested, as `name@partition`, sorted, without repeats. */
  groups: readonly string[];
  /** Fields mapped by `config/tenure.yaml` (department, region, unit, language, email, manager, …); absent ones are missing. */
  fields: Readonly<Record<string, string>>;
  /** Every other directory attribute, first value of each. */
  attributes: Readonly<Record<string, string>>;
  /** `login@partition` of the manager. */
  manager?: string;
  /** ISO instants; a bare date in the directory means 00:00 UTC of that day (start) or of the day after (end). */
  startAt?: string;
  endAt?: string;
  /** True where the person's partition is synchronised: its source owns the account and most attributes. */
  ownedUpstream: boolean;
};

/** The part of a person that the ledger's rows, targets and links use as keys. */
export type PersonRef = Pick<Person, 'uuid' | 'login' | 'partition' | 'who'>;

const WHO = /^(?<login>.+)@(?<partition>[^@\s]+)$/u;

/** Splits `login@partition` at the last `@` (a login may contain one). Undefined when it has no such form. */
export function splitWho(who: string): { login: string; partition: string } | undefined {
  const groups = WHO.exec(who.trim())?.groups;
  return groups?.['login'] && groups['partition']
    ? { login: groups['login'], partition: groups['partition'] }
    : undefined;
}
