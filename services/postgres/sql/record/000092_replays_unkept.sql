-- What reading took that came to nothing: it failed, was cancelled, or somebody else read the same. Numbers as text, by
-- their names in `totals.spent`.
alter table replays add column unkept jsonb not null default '{}';
