-- What comes back from the archive was passed over by whatever rules its project had meanwhile: when it fades is not known.
create trigger memories_restored before update of archived_at on memories
  for each row when (old.archived_at is not null and new.archived_at is null) execute function forget_fading();

-- Rules that changed under a walk held for what it had yet to see alone, and were noted as those of all.
truncate fading_rules;
