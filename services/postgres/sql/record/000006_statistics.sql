-- Plans are made for any tenant, and the planner knows tenants by their average: where most are tiny it would read
-- all that a tenant has to find one row of it by id, and the largest tenant would pay. So it is told that
-- tenants are large, and that each has one project: what can be looked up by a key is.
do $$
declare
  scoped record;
begin
  for scoped in
    select c.table_name, c.column_name from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'mneme' and t.table_type = 'BASE TABLE' and c.column_name in ('tenant_id', 'project_id')
  loop
    execute format(
      'alter table mneme.%I alter column %I set (n_distinct = %s)',
      scoped.table_name, scoped.column_name, case scoped.column_name when 'tenant_id' then 10 else 1 end
    );
  end loop;
end;
$$;
