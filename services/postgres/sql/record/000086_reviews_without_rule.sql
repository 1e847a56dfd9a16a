-- By which of its project's rules (a hash of them) nothing is to be done at a memory's review though it is due: by the same
-- rules nobody reads it again. Another version may be of another kind or category, of which a rule says something.
alter table memories add column passed_over_by bigint;

create or replace function forget_fading() returns trigger language plpgsql set search_path = mneme, pg_temp as $$
begin
  new.fades_at := '-infinity';
  new.passed_over_by := null;
  return new;
end $$;
