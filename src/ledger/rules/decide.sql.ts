/** Rules 3, 9, 10, 11: what people say, and what it does to the person's pairs. */
export const DECIDE = `
-- Rule 3: something newer than any proof exists. Pairs in order of their target (rule 14). What was given up or put off is tried at once.
create function tenure_rules.unprove(p text) returns void language plpgsql as $$
begin
  perform 1 from tenure.pair q where q.person = p order by q.target for no key update;
  update tenure.pair q set unproved_since = case when q.unproved then q.unproved_since else clock_timestamp() end, unproved = true,
    provisional_until = null, tries = 0, next_try_at = null
  where q.person = p;
end $$;

-- One transaction: the decision, the new version, the person's pairs (rule 3), the times at which it alone changes what is due (rule 10).
create function tenure_rules.decide(p text, its_body jsonb, its_key text) returns jsonb language plpgsql as $$
declare
  person tenure.person;
  written tenure.decision;
  effective timestamptz := its_body ->> 'effectiveAt';
  ending timestamptz := its_body ->> 'endsAt';
  ended bigint := its_body ->> 'ends';
begin
  select * into person from tenure.person q where q.uuid = p for no key update;
  if not found then return jsonb_build_object('unknown', 'person'); end if;
  select * into written from tenure.decision d where d.person = p and d.key = its_key;
  if not found then
    if ended is not null and not exists (select 1 from tenure.decision d where d.id = ended and d.person = p) then
      return jsonb_build_object('unknown', 'decision');
    end if;
    insert into tenure.decision (person, version, key, kind, rule, demand, digest, effective_at, ends_at, ends, body)
      values (p, person.decision_version + 1, its_key, its_body ->> 'kind', its_body ->> 'rule', (its_body ->> 'demand')::integer, its_body ->> 'digest', effective, ending, ended, its_body)
      returning * into written;
    update tenure.person q set decision_version = written.version where q.uuid = p;
    perform tenure_rules.unprove(p);
    update tenure.pair q set due_at = least(q.due_at, effective, ending) where q.person = p;
  end if;
  return (select d from jsonb_array_elements(tenure_rules.decisions(p)) d where (d ->> 'id')::bigint = written.id);
end $$;

-- The next instant after 'began' at which a decision of this person starts or ends (rule 10).
create function tenure_rules.next_decision_time(p text, began timestamptz) returns timestamptz language sql stable as $$
  select min(t.at) from tenure.decision d, lateral (values (d.effective_at), (d.ends_at)) t(at) where d.person = p and t.at > began
$$;
`;
