-- Why: a search goes back in time window by window, so the index must tell when a story was; a rare phrase made of
--      common pairs is found by longer sequences; and a copy's own title is to be found too. The program makes all that
--      anew, story by story, and then the new index, which of 1,000,000 stories takes half an hour of processor time,
--      while searches and crawls go on as before. An archive without stories has it at once.
-- Undo: drop trigger story_search_foreign_text on story_search; drop function story_search_foreign_text;
--       drop index if exists story_search_windows; alter table story_search drop column text_key, drop column sequences,
--       drop column slots; create index if not exists story_search_lexemes on story_search using gin
--       (lexemes, source_ids, languages) with (fastupdate = off);

set local statement_timeout = 0;

alter table story_search
  -- Of which texts, titles and times the columns below and the lexemes are made, and by which rules; null: they are not
  -- made yet.
  add column text_key text,
  -- Numbers of what is longer than a lexeme.
  add column sequences smallint[],
  -- Days, and stretches of 8, 64, … days, in which it was published and seen.
  add column slots int[];

create index story_search_unkeyed on story_search (story_id) where text_key is null;
drop index story_search_unmade;
do $$
begin
  if exists (select from story_search) then return; end if;
  create index story_search_windows on story_search
    using gin (lexemes, sequences, slots, source_ids, languages) with (fastupdate = off);
  drop index story_search_lexemes;
end $$;

-- A program of before this migration makes lexemes without saying of what.
create function story_search_foreign_text() returns trigger language plpgsql as $$
begin
  new.text_key := null;
  return new;
end $$;
create trigger story_search_foreign_text before update of lexemes on story_search
  for each row when (new.text_key is not distinct from old.text_key)
  execute function story_search_foreign_text();
