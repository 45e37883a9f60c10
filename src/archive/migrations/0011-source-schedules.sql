-- Why: ten thousand sources that are asked every ten minutes are seventeen polls a second, nearly all of which find
--      nothing new. A job of the queue for each of them costs several times what the poll does, so when sources are due is
--      kept here, many are taken at once, and the queue has jobs only of those where there is something to read.
-- Undo: drop table source_schedule;

create table source_schedule (
  source_id text primary key,
  -- Either milliseconds between two ticks, or cron fields in a zone.
  every_ms bigint,
  cron text,
  time_zone text,
  -- What the ticks of cron fields are put off by.
  jitter_ms int not null,
  -- Ticks of an interval are whole intervals from here.
  anchor_at timestamptz not null,
  next_at timestamptz not null,
  -- The queue's job that reads the source, and since when; null: nothing is under way.
  job_id text,
  job_at timestamptz,
  check ((every_ms is null) <> (cron is null)),
  check ((job_id is null) = (job_at is null))
) with (fillfactor = 70);

create index source_schedule_due on source_schedule (next_at) where job_id is null;
create index source_schedule_with_job on source_schedule (job_at) where job_id is not null;
