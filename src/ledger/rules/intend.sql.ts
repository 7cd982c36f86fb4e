/** Rules 4 and 8: no change without an intent, no intent without a live lease and the newest desired; what became of earlier ones. */
export const INTEND = `
-- Outcomes of an attempt's own intents. True whatever the lease says. An effect that shows up after a valid proof outlived its intent came later
-- than it ever should: evidence, and the pair is unproved again (S6); only reads after the report count.
create function tenure_rules.settle(p text, t text, f bigint, settled jsonb) returns void language plpgsql as $$
declare s record;
begin
  if jsonb_array_length(settled) = 0 then return; end if;
  perform 1 from tenure.pair q where q.person = p and q.target = t for no key update;
  for s in select * from jsonb_to_recordset(settled) as x(change bigint, outcome text, code text) loop
    update tenure.change c set outcome = s.outcome, code = s.code, settled_at = case when s.outcome = 'unknown' then null else clock_timestamp() end
     where c.id = s.change and c.person = p and c.target = t and c.fence = f and c.settled_at is null;
    if not found and s.outcome in ('applied', 'seen') and exists (select 1 from tenure.change c where c.id = s.change and c.fence = f and c.outcome = 'outlived') then
      insert into tenure.timeline_entry (person, kind, target, text)
        values (p, 'lateReply', t, 'A change given up as outlived was ' || s.outcome || ' after all (change ' || s.change || '); the pair is read again');
      perform tenure_rules.disturb(p, t);
    end if;
  end loop;
end $$;

create function tenure_rules.disturb(p text, t text) returns void language sql as $$
  update tenure.pair q set unproved_since = case when q.unproved then q.unproved_since else clock_timestamp() end, unproved = true, disturbed_at = clock_timestamp()
  where q.person = p and q.target = t
$$;

create function tenure_rules.save_link(p text, t text, link jsonb) returns boolean language plpgsql as $$
begin
  -- A person said whose account it is: the link moves unless somebody said otherwise later, the timeline keeps where it was, and what was proved of
  -- the one who had it is so no more.
  if link ->> 'how' = 'match' then
    with moved as (delete from tenure.link l where l.target = t and l.native_id = link ->> 'nativeId' and l.person <> p
        and (l.how <> 'match' or l.linked_at < coalesce((link ->> 'decidedAt')::timestamptz, clock_timestamp())) returning l.*),
      told as (insert into tenure.timeline_entry (person, kind, target, text)
        select m.person, 'unlinked', t, 'Account ' || m.native_id || ' belongs to somebody else, said ' || (link ->> 'by') from moved m)
    update tenure.pair q set unproved_since = case when q.unproved then q.unproved_since else clock_timestamp() end, unproved = true,
        disturbed_at = clock_timestamp(), tries = 0, next_try_at = null
      from moved m where q.person = m.person and q.target = t;
  end if;
  insert into tenure.link as l (person, target, native_id, how, by, linked_at)
    values (p, t, link ->> 'nativeId', link ->> 'how', link ->> 'by', coalesce((link ->> 'decidedAt')::timestamptz, clock_timestamp()))
    on conflict (person, target) do update set native_id = excluded.native_id, how = excluded.how, by = excluded.by, linked_at = excluded.linked_at
      where l.native_id <> excluded.native_id;
  if found then
    insert into tenure.timeline_entry (person, kind, target, text)
      values (p, 'linked', t, 'Account ' || (link ->> 'nativeId') || ' (' || (link ->> 'how') || ', by ' || (link ->> 'by') || ')');
  end if;
  return true;
exception when unique_violation then
  return false;
end $$;

-- Rule 4.
create function tenure_rules.intend(i jsonb) returns jsonb language plpgsql as $$
declare
  p text := i #>> '{lease,person}';
  t text := i #>> '{lease,target}';
  its_holder text := i #>> '{lease,holder}';
  f bigint := i #>> '{lease,fence}';
  k text := tenure_rules.pair_key(p, t);
  its_op text := i #>> '{change,op}';
  live boolean;
  written bigint;
begin
  -- Whoever stores a desired or decides waits for us, or we for them; whoever takes the lease over likewise.
  perform 1 from tenure.person q where q.uuid = p for share;
  live := tenure_rules.is_held(k, its_holder, f);
  perform tenure_rules.settle(p, t, f, i -> 'settle');
  if i ? 'link' then perform tenure_rules.save_link(p, t, i -> 'link'); end if;

  insert into tenure.change (person, target, op, entitlement, change, before, number, decision_version, fence, holder, may_land_until)
  select p, t, its_op, i #>> '{change,entitlement}', i -> 'change', i ->> 'before', q.newest, q.decision_version, l.fence, l.holder,
         clock_timestamp() + tenure_rules.ms((i ->> 'landsWithinMs')::numeric)
    from tenure.person q, tenure.lease l
   where q.uuid = p and q.newest = (i ->> 'number')::integer and q.decision_version = (i ->> 'decisionVersion')::integer
     and l.key = k and l.holder = its_holder and l.fence = f and l.expires_at > clock_timestamp()
     and coalesce((i ->> 'dueUntil')::timestamptz > clock_timestamp(), true)
  returning id into written;
  if written is null then
    return jsonb_build_object('ok', false, 'why', case when live then 'movedOn' else 'leaseLost' end);
  end if;

  -- Only a proof makes it proved, and that needs the lease row, which we hold: unproved already stays so.
  update tenure.pair q set unproved_since = clock_timestamp(), unproved = true where q.person = p and q.target = t and not q.unproved;
  if its_op in ('revoke', 'disable', 'delete') then
    -- Rule 8 for what no desired dropped (found on the target, withheld, expired): the intent itself names the number.
    insert into tenure.obligation (person, target, subject, number)
      select p, t, coalesce(i #>> '{change,entitlement}', 'account'), (i ->> 'number')::integer
       where not exists (select 1 from tenure.obligation o
         where o.person = p and o.target = t and o.subject = coalesce(i #>> '{change,entitlement}', 'account') and o.closed_at is null)
      on conflict do nothing;
  end if;
  return jsonb_build_object('ok', true, 'change', written, 'ledgerNow', tenure_rules.iso(clock_timestamp()));
end $$;
`;
