/** Claims and holds: small agreements between runs, each one transaction. */
export const WORK = `
-- One open run of each type per person. Replaces the run named by 'replaced', which the caller saw closed.
-- The person's row orders claims and decisions: a departure committed before is among the decisions read here, one that comes later finds the claim.
create function tenure_rules.claim(p text, its_type text, workflow text, its_run text, replaced_workflow text, replaced_run text) returns jsonb language plpgsql as $$
declare other tenure.claim;
begin
  perform 1 from tenure.person q where q.uuid = p for no key update;
  loop
    insert into tenure.claim as c (person, type, workflow_id, run_id) values (p, its_type, workflow, its_run)
    on conflict (person, type) do update set workflow_id = excluded.workflow_id, run_id = excluded.run_id, claimed_at = clock_timestamp()
      where (c.workflow_id, c.run_id) in ((excluded.workflow_id, excluded.run_id), (replaced_workflow, replaced_run));
    if found then return jsonb_build_object('claimed', true, 'decisions', tenure_rules.decisions(p)); end if;
    select * into other from tenure.claim c where c.person = p and c.type = its_type;
    -- Released in between: try again.
    if found then
      return jsonb_build_object('claimed', false, 'by', jsonb_build_object('workflowId', other.workflow_id, 'runId', other.run_id, 'type', other.type));
    end if;
  end loop;
end $$;

-- The same hold may be written again with more items; what is released stays released.
create function tenure_rules.hold(its_id text, its_kind text, its_reason text, items jsonb) returns void language sql as $$
  insert into tenure.hold (id, kind, reason) values (its_id, its_kind, its_reason) on conflict do nothing;
  insert into tenure.hold_item (hold, id, who, what)
    select its_id, x.id, x.who, x.what from jsonb_to_recordset(items) as x(id text, who text, what text) on conflict do nothing;
$$;

create function tenure_rules.release_hold(its_id text, releaser text, its_reason text, wanted text[]) returns jsonb language plpgsql as $$
declare
  unknown text;
  released jsonb;
begin
  if not exists (select 1 from tenure.hold h where h.id = its_id) then return jsonb_build_object('unknown', its_id); end if;
  select w into unknown from unnest(wanted) w where not exists (select 1 from tenure.hold_item i where i.hold = its_id and i.id = w) limit 1;
  if found then return jsonb_build_object('unknown', unknown); end if;
  with freed as (
    update tenure.hold_item i set released_at = clock_timestamp(), released_by = releaser, reason = its_reason
     where i.hold = its_id and i.released_at is null and (cardinality(wanted) = 0 or i.id = any (wanted)) returning i.*)
  select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'who', r.who, 'what', r.what) order by r.id), '[]')) into released from freed r;
  -- What was put off because of the hold is tried at once.
  update tenure.pair q set tries = 0, next_try_at = null from tenure.person p
   where q.person = p.uuid and q.unproved and p.who in (select i.value ->> 'who' from jsonb_array_elements(released -> 'items') i);
  return released;
end $$;
`;
