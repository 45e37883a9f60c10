-- Why: sources break without a word; what each run saw beyond its counts is kept, what it says of the source's health,
--      when that changed, and until when a listing asked not to be read again (ttl, skipHours, Cache-Control).
-- Undo: drop table source_health_change; drop table source_health; alter table crawl_run drop column observed;
--       alter table listing_state drop column fresh_until, drop column skip_hours;

alter table crawl_run add column observed jsonb;

-- Runs that read articles are looked for behind days of runs that found nothing new.
create index crawl_run_with_articles on crawl_run (source_id, finished_at desc) where stored + revised + failed > 0;

alter table listing_state add column fresh_until timestamptz;
alter table listing_state add column skip_hours int[] not null default '{}';

create table source_health (
  source_id text primary key,
  state text not null check (state in ('gone', 'blocked', 'broken', 'degraded', 'quiet', 'healthy')),
  since timestamptz not null,
  reason text,
  checked_at timestamptz not null,
  last_new_at timestamptz,
  per_week real,
  -- How often it should be asked by what it publishes.
  interval_ms float8
);

create table source_health_change (
  source_id text not null,
  at timestamptz not null,
  -- null: it had no state before.
  before text,
  after text not null,
  reason text,
  primary key (source_id, at)
);
