/** The timeline: a view of the evidence, with the sentences that people read. */
export const TIMELINE = `
create view tenure_rules.timeline as
  select d.person, d.stored_at as at, 1 as rank, d.number::bigint as id, 'desired' as kind, null as target, d.run ->> 'workflowId' as run, d.number,
    'Desired ' || d.number || ': ' || d.standing || coalesce(', ' || (d.body ->> 'why'), '') as text
  from tenure.desired d
union all
  select d.person, d.decided_at, 2, d.id, d.kind, null, null, null,
    d.kind || coalesce(' ' || d.rule, '') || ' by ' || (d.body ->> 'by') || ': ' || coalesce(d.body ->> 'reason', '') ||
    coalesce(', from ' || (d.body ->> 'effectiveAt'), '') || coalesce(', until ' || (d.body ->> 'endsAt'), '') || coalesce(', ends decision ' || d.ends, '')
  from tenure.decision d
union all
  select c.person, c.intended_at, 3, c.id, 'intended', c.target, c.holder, c.number, c.op || ' ' || c.subject || ' (change ' || c.id || ')' from tenure.change c
union all
  select c.person, c.settled_at, 4, c.id, c.outcome, c.target, c.holder, c.number,
    c.op || ' ' || c.subject || ' (change ' || c.id || ')' || coalesce(': ' || c.code, '') from tenure.change c where c.settled_at is not null
union all
  select r.person, r.written_at, 5, r.id, r.state, r.target, null, r.number,
    'Account ' || (r.actual ->> 'account') || ', ' || jsonb_array_length(r.actual -> 'held') || ' held' ||
    case when r.state = 'provisional' then ', proof due at ' || tenure_rules.iso(r.until) when cardinality(r.open) > 0 then ', open: ' || array_to_string(r.open, '; ') else '' end
  from tenure.proof r
union all
  select o.person, o.closed_at, 6, 0, o.outcome, o.target, null, o.number, o.subject || ', owed since desired ' || o.number from tenure.obligation o where o.closed_at is not null
union all
  select r.person, r.refused_at, 7, r.id, 'decisionRefused', null, null, null, r.what || ' by ' || r.by || ': ' || r.why from tenure.refusal r where r.person is not null
union all
  select e.person, e.failed_at, 8, e.id, 'failed', e.target, null, null, e.code || ': ' || e.message from tenure.failure e
union all
  select e.person, e.entered_at, 9, e.id, e.kind, e.target, e.run, e.number, e.text from tenure.timeline_entry e;
`;
