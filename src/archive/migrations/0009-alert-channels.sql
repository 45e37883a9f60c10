-- Why: trouble is told by webhook and by mail, and one that is away is told later without the other being told twice: what
--      each has been told is remembered by itself, and what the log says beside. What was told before counts for both.
--      The table alert stays as it was for older programs that still run beside this one.
-- Undo: drop table alert_channel;

create table alert_channel (
  -- log, webhook, mail
  channel text not null,
  -- What it is about: disk, queue, deliveries, source:<id>.
  key text not null,
  says text not null,
  since timestamptz not null,
  -- null: nobody has been told.
  told_at timestamptz,
  -- Since when it is over; null while it lasts.
  over_at timestamptz,
  primary key (channel, key)
);

insert into alert_channel (channel, key, says, since, told_at, over_at)
select channel, key, says, since, told_at, over_at from alert, unnest(array['log', 'webhook']) as channel;
