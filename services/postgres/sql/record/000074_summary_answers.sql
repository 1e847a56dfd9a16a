-- What models worded of episodes is kept as what they read: asked the same again, nobody is called. It goes with any memory
-- of its stream that is deleted, for it was shown memories and no messages.
alter table model_answers drop constraint model_answers_purpose_check,
  add constraint model_answers_purpose_check check (purpose in ('extract', 'reconcile', 'summarise'));
