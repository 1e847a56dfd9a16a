-- How many statements were left out for their category, by the project's rule that does not keep it. Counts alone: a
-- category's name is what a project or a model calls it.
alter table extractions add column dropped_by_category jsonb not null default '{}';
