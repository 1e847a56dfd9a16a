-- Which memories a model was shown: an answer goes with the first of them. Null where that is not known, as of answers from
-- before, and of replays, which show memories that the record does not have: such an answer goes with any of its stream.
alter table model_answers add column memory_ids uuid[];
