import { REFRESHED_AT } from "./ageing-store.ts";
import { CURRENT_VERSION } from "./memory-rows.ts";
import { RESTORED_AT } from "./signs-of-life.ts";

/** A person's own, of one project and of the epoch that is. What they told a team is the team's too, and stays. */
export const OWN = `m.tenant_id = $1 and m.project_id = $2 and m.subject_id = s.id and m.epoch = s.epoch and m.team_id is null`;

/** What a summary shows of its person: what came of it since it was written, which is our doing and nobody's. */
const SUMMARY_ALIVE_AT = `greatest(
  (select max(w.recorded_from) from memory_versions w where w.tenant_id = m.tenant_id and w.memory_id = m.id
     and w.version > 1 and w.extractor <> 'review'),
  (select u.last_used_at from memory_uses u where u.tenant_id = m.tenant_id and u.memory_id = m.id),
  (select max(s.recorded_at) from memory_sources s where s.tenant_id = m.tenant_id and s.memory_id = m.id
     and s.recorded_at > (select f.recorded_from from memory_versions f
       where f.tenant_id = m.tenant_id and f.memory_id = m.id and f.version = 1)),
  ${RESTORED_AT})`;
const IS_SUMMARY =
  "exists (select from memory_derivations d where d.tenant_id = m.tenant_id and d.memory_id = m.id)";
const ALIVE_AT = `case when ${IS_SUMMARY} then ${SUMMARY_ALIVE_AT} else ${REFRESHED_AT} end`;

/** When `subjects s` last sent something or was searched for in the project; null: never. */
const MET_AT = `greatest(
  (select a.searched_at from person_activity a where a.tenant_id = $1 and a.project_id = $2 and a.subject_id = s.id
     and a.epoch = s.epoch),
  (select max(l.created_at) from streams t
     cross join lateral (select e.created_at from extractions e
       where e.tenant_id = $1 and e.stream_id = t.id order by e.id desc limit 1) l
   where t.tenant_id = $1 and t.project_id = $2 and t.subject_id = s.id and t.epoch = s.epoch))`;

/** The newest sign of life of all they have, or of what of it is not archived; null: none. */
const keptAt = (which = "") =>
  `(select max(${ALIVE_AT}) from memories m ${CURRENT_VERSION} where ${OWN} ${which})`;

/** Whether `subjects s` was active in the project since a time. */
export const isActive = (since: string) =>
  `coalesce(${MET_AT} >= ${since} or ${keptAt()} >= ${since}, false)`;

/**
 * A page of who has anything in project $2, behind $3, $4 at most; of those who may have changed sides since $5 with what was
 * found, which is noted. It skips who was found active and is not yet due again, and who has nothing to move.
 * Somebody whose memories sleep is looked at by what is noted and what is awake: whatever is done with what sleeps notes
 * their return, so their archive is not read again.
 */
export const PERSONS = `
  with recursive walk (id, place) as (
    (select m.subject_id, 1 from memories m
     where m.tenant_id = $1 and m.project_id = $2 and m.subject_id > $3 order by m.subject_id limit 1)
    union all
    select (select m.subject_id from memories m
            where m.tenant_id = $1 and m.project_id = $2 and m.subject_id > w.id order by m.subject_id limit 1), w.place + 1
    from walk w where w.id is not null and w.place < $4),
  due as materialized (
    select s.id, s.epoch, h.has_asleep, h.has_present, l.alive_at as noted_at
    from walk w
    join subjects s on s.tenant_id = $1 and s.id = w.id and s.state = 'active'
    left join person_looks l on l.tenant_id = $1 and l.project_id = $2 and l.subject_id = s.id and l.epoch = s.epoch
    cross join lateral (select
      exists (select from memories m where ${OWN} and m.archived_at is not null and m.archive_reason = 'inactive')
        as has_asleep,
      exists (select from memories m where ${OWN} and m.archived_at is null) as has_present) h
    where h.has_asleep or (h.has_present and (l.alive_at < $5 or l.subject_id is null))),
  met as materialized (select s.*, ${MET_AT} as met_at from due s),
  signs as materialized (
    select s.*, case when s.met_at >= $5 then greatest(s.met_at, s.noted_at)
      when s.has_asleep and s.noted_at is not null
        then greatest(s.met_at, s.noted_at, ${keptAt("and m.archived_at is null")})
      else greatest(s.met_at, ${keptAt()}) end as alive_at
    from met s),
  noted as (
    insert into person_looks (tenant_id, project_id, subject_id, epoch, alive_at)
    select $1, $2, id, epoch, coalesce(alive_at, '-infinity') from signs order by id
    on conflict (tenant_id, project_id, subject_id) do update set epoch = excluded.epoch, alive_at = excluded.alive_at
    where (person_looks.epoch, person_looks.alive_at) is distinct from (excluded.epoch, excluded.alive_at))
  select w.id, g.id is not null as is_due, g.has_present, g.has_asleep, coalesce(g.alive_at >= $5, false) as is_active
  from walk w left join signs g on g.id = w.id where w.id is not null order by w.id`;
