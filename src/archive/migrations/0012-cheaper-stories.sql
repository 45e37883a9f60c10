-- Why: a story has some 800 keys in the index of searches, and to put each where it belongs was most of what it costs to
--      keep a new one. Now PostgreSQL notes them at the index's end, where every search looks as well, and the program has
--      many stories' keys moved at once, in the order of the keys. The limit is where PostgreSQL itself moves them when no
--      program does. An index that is not made yet is made in this way.
--      An article's 34 keys for finding copies were each looked up in the table of articles that the same statement had
--      just written; its fingerprint's one reference says the same, and keys of no article are passed over.
-- Undo: alter table story_candidate add foreign key (article_id) references article;
--       alter index story_search_windows reset (gin_pending_list_limit);
--       alter index story_search_windows set (fastupdate = off); select gin_clean_pending_list('story_search_windows');

do $$
begin
  if exists (select from pg_index where indexrelid = to_regclass('story_search_windows') and indisvalid) then
    alter index story_search_windows set (fastupdate = on, gin_pending_list_limit = 32768);
  end if;
end $$;

alter table story_candidate drop constraint story_candidate_article_id_fkey;
