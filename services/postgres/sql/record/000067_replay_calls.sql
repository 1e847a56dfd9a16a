-- What a replay has models read is told apart.
alter table model_calls drop constraint model_calls_purpose_check;
alter table model_calls add constraint model_calls_purpose_check
  check (purpose in ('extract', 'reconcile', 'embed', 'rerank', 'summarise', 'extract_batch', 'replay'));
