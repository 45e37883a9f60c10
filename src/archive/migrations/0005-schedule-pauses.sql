-- Why: operators hold the schedules of a source or of a tag, whichever store the queue is in; runs are counted and
--      cleared by when they ended.
-- Undo: drop table schedule_pause; drop index crawl_run_by_end;

create table schedule_pause (
  kind text not null check (kind in ('source', 'tag')),
  name text not null,
  since timestamptz not null,
  primary key (kind, name)
);

create index crawl_run_by_end on crawl_run (finished_at);
