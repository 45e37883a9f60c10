-- Why: operators are told of trouble once, and once of its end, whichever process sees it and however often they start.
-- Undo: drop table alert; drop table alert_mute;

create table alert (
  -- What it is about: disk, queue, deliveries, source:<id>.
  key text primary key,
  says text not null,
  since timestamptz not null,
  -- null: nobody has been told.
  told_at timestamptz,
  -- Since when it is over; null while it lasts.
  over_at timestamptz
);

create table alert_mute (
  key text primary key,
  -- null: until it is taken back.
  until timestamptz
);
