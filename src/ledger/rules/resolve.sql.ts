/** Rules 1, 8, 9: noting what is newest before the directory is read, and storing what the read said by compare-and-set. */
export const RESOLVE = `
-- Rule 1, first half.
create function tenure_rules.note(p text, its_login text, its_partition text, its_who text) returns jsonb language plpgsql as $$
declare old tenure.person;
begin
  select * into old from tenure.person q where q.uuid = p;
  if not found or (old.login, old.partition, old.who) is distinct from (its_login, its_partition, its_who) then
    insert into tenure.person as q (uuid, login, partition, who) values (p, its_login, its_partition, its_who)
      on conflict (uuid) do update set login = excluded.login, partition = excluded.partition, who = excluded.who, who_since = clock_timestamp();
    if old.who <> its_who then
      insert into tenure.timeline_entry (person, kind, text) values (p, 'renamed', old.who || ' is now ' || its_who);
    end if;
  end if;
  return (select jsonb_build_object(
      'newest', q.newest,
      'previous', tenure_rules.desired(p, q.newest),
      'decisions', tenure_rules.decisions(p),
      'demands', q.demands,
      'proved', (select coalesce(jsonb_object_agg(r.target, jsonb_build_object('account', r.proved_account, 'readAt', tenure_rules.iso(r.proved_read_at), 'desired', r.proved_number)), '{}')
                   from tenure.pair r where r.person = p and r.proved_read_at is not null),
      'lastAccountOp', (select coalesce(jsonb_object_agg(c.target, jsonb_build_object('op', c.op, 'at', tenure_rules.iso(coalesce(c.settled_at, c.intended_at)), 'decisionVersion', c.decision_version)), '{}')
                   from (select distinct on (c.target) c.* from tenure.change c
                          where c.person = p and (c.op in ('create', 'enable') and c.outcome in ('applied', 'seen')
                            -- A closing that may have landed explains a closed account; an opening explains nothing before it is known.
                            or c.op in ('disable', 'delete') and c.outcome is distinct from 'refused')
                          order by c.target, c.id desc) c),
      'heldUntil', tenure_rules.held_until(p))
    from tenure.person q where q.uuid = p);
end $$;

-- True where a desired says that the person holds the subject on the target.
create function tenure_rules.wants(body jsonb, t text, subject text) returns boolean language sql immutable as $$
  select case when subject = 'account' then coalesce(body #>> array['targets', t, 'account'], '') = 'active'
    else exists (select 1 from jsonb_array_elements(body #> array['targets', t, 'entitlements']) e where e ->> 'key' = subject) end
$$;

-- Rule 8: everything the desired before named and this one does not.
create function tenure_rules.owe_revocations(p text, n integer, before jsonb, now_wanted jsonb) returns void language sql as $$
  insert into tenure.obligation (person, target, subject, number)
  select p, named.target, named.subject, n from (
    select t.key as target, e ->> 'key' as subject from jsonb_each(before -> 'targets') t, jsonb_array_elements(t.value -> 'entitlements') e
    union
    select t.key, 'account' from jsonb_each(before -> 'targets') t where t.value ->> 'account' = 'active'
  ) named where not tenure_rules.wants(now_wanted, named.target, named.subject)
$$;

-- Rule 1, second half; rules 3 and 8 in the same transaction. Null: somebody wrote a desired or a decision since the note; read again.
create function tenure_rules.store_desired(p text, noted integer, noted_version integer, its_body jsonb, its_run jsonb, its_demands integer)
returns jsonb language plpgsql as $$
declare
  n integer := noted + 1;
  person tenure.person;
  before jsonb;
begin
  -- Others may still reference the row (a key-share lock), but nobody decides, intends or proves for this person meanwhile.
  select * into person from tenure.person q where q.uuid = p for no key update;
  if person.newest is distinct from noted or person.decision_version <> noted_version then return null; end if;
  select d.body into before from tenure.desired d where d.person = p and d.number = noted;
  if before ->> 'digest' = its_body ->> 'digest' then return jsonb_build_object('stored', false, 'number', noted); end if;

  insert into tenure.desired (person, number, digest, standing, policy_digest, body, run, decision_version)
    values (p, n, its_body ->> 'digest', its_body ->> 'standing', its_body ->> 'policyDigest', its_body, its_run, noted_version);
  update tenure.person q set newest = n, demands = greatest(q.demands, its_demands) where q.uuid = p;
  insert into tenure.pair (person, target)
    select p, t.key from jsonb_each(coalesce(before -> 'targets', '{}') || (its_body -> 'targets')) t order by t.key
    on conflict do nothing;
  perform tenure_rules.unprove(p);
  perform tenure_rules.owe_revocations(p, n, before, its_body);
  return jsonb_build_object('stored', true, 'number', n);
end $$;
`;
