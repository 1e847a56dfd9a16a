-- The newest edges at a name are those that we learnt last: edges of a memory that changed are written anew, under ids that
-- tell no time.
drop index relations_source;
create index relations_source on relations (tenant_id, source_entity_id, subject_id, recorded_from desc, id desc);
drop index relations_target;
create index relations_target on relations (tenant_id, target_entity_id, subject_id, recorded_from desc, id desc);
