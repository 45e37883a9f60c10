-- Why: that everything, or one of the queues, is paused stood in the queue alone, and a Redis that was emptied forgot it. It is
--      kept with the pauses of sources and tags, as kind "queue" and the queue's name. Programs of before read those two
--      kinds and pass over any other: they pause and resume the queue itself as they did.
--      Somebody who was told that a source is degraded was not told that it is gone: what was told, and since when it is
--      worse than that, is kept beside what was said at the last look.
-- Undo: delete from schedule_pause where kind = 'queue';
--       alter table schedule_pause drop constraint schedule_pause_kind_check,
--         add constraint schedule_pause_kind_check check (kind in ('source', 'tag'));
--       alter table alert_channel drop column told_says, drop column worse_since;

alter table schedule_pause drop constraint schedule_pause_kind_check,
  add constraint schedule_pause_kind_check check (kind in ('source', 'tag', 'queue'));

alter table alert_channel
  -- null: nobody has been told, or by a program that did not keep it.
  add column told_says text,
  -- null: it is no worse than what was told.
  add column worse_since timestamptz;
