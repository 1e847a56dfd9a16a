-- When a memory expires is given by the application, or follows from its project's rule: only the latter moves when it is
-- told again. Of what was written before this was kept, nobody knows: it moves as it did.
alter table memories add column expires_given boolean not null default false;
