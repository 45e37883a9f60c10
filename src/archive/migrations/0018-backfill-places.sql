-- Why: a backfill of ten thousand pages takes hours. One that is stopped, or killed, goes on at the list page that it had
--      come to, instead of reading every list page again before it comes to anything new.
-- Undo: drop table backfill_place;

create table backfill_place (
  source_id text not null,
  -- The listing's address in its source's file.
  url text not null,
  -- The listing's settings then: the place holds for the same ones only.
  settings_key text not null,
  -- The list page to go on at, and how many stood before it.
  page_url text not null,
  pages_before int not null,
  saved_at timestamptz not null,
  primary key (source_id, url)
);
