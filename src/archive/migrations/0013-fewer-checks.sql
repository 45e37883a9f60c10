-- Why: that an article's revision and fingerprint belong to an article, and a story's searchable text and its note in the
--      outbox to a story, was checked by looking each up in the table that the same transaction had just written, and by
--      locking it there: a seventh of the time of that statement. They are written with what they belong to, in one
--      statement, or by who holds it locked; what goes with a story is deleted with it as before, by programs of before too.
-- Undo: drop trigger story_deleted on story; drop function story_deleted;
--       delete from outbox o where not exists (select from story s where s.id = o.story_id);
--       delete from story_search x where not exists (select from story s where s.id = x.story_id);
--       delete from revision r where not exists (select from article a where a.id = r.article_id);
--       delete from article_fingerprint f where not exists (select from article a where a.id = f.article_id);
--       alter table outbox add foreign key (story_id) references story on delete cascade;
--       alter table story_search add foreign key (story_id) references story on delete cascade;
--       alter table revision add foreign key (article_id) references article;
--       alter table article_fingerprint add foreign key (article_id) references article;

create function story_deleted() returns trigger language plpgsql set search_path from current as $$
begin
  delete from story_search x using gone where x.story_id = gone.id;
  delete from outbox o using gone where o.story_id = gone.id;
  return null;
end $$;
create trigger story_deleted after delete on story referencing old table as gone
  for each statement execute function story_deleted();

alter table outbox drop constraint outbox_story_id_fkey;
alter table story_search drop constraint story_search_story_id_fkey;
alter table revision drop constraint revision_article_id_fkey;
alter table article_fingerprint drop constraint article_fingerprint_article_id_fkey;
