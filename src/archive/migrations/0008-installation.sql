-- Why: several archives may have their queues on one Redis; their processes tell them apart by what their archive says
--      of itself, and need no setting that must be the same everywhere.
-- Undo: drop table installation;

create table installation (
  -- One row and no more.
  is_only boolean primary key default true check (is_only),
  id uuid not null
);
insert into installation (id) values (gen_random_uuid());
