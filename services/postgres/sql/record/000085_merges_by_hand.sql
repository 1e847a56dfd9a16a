-- Each merge by hand is a row of its own, with its own end: who merges again what was split rewrites nothing of when it was two.
-- What a rule found stays one row, split or not, so that no rule finds it again.
do $$
declare every text;
begin
  select conname into strict every from pg_constraint where conrelid = 'entity_merges'::regclass and contype = 'u';
  execute format('alter table entity_merges drop constraint %I', every);
end $$;
create unique index entity_merges_found on entity_merges
  (tenant_id, entity_id, other_id, stream_id, audience, subject_id, epoch, agent_id, app_id, team_id) nulls not distinct
  where rule <> 'hand';
create unique index entity_merges_by_hand on entity_merges
  (tenant_id, entity_id, other_id, subject_id, epoch, agent_id, app_id, team_id) nulls not distinct
  where rule = 'hand' and split_at is null;
create index entity_merges_entity on entity_merges (tenant_id, entity_id);
