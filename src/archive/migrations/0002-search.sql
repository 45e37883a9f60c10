-- Why: feeds are queries over stories, by source, language, age and text, and each must be quick over a million of
--      them. One narrow row a story holds all that queries look at.
-- Undo: drop table story_search;

create table story_search (
  story_id uuid primary key references story on delete cascade,
  -- Copies of the story's own, so that feeds in each order read one index.
  sort_at timestamptz not null,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  -- Of all its articles.
  source_ids text[] not null,
  -- Of the lead article: as stated and the language alone, in small letters: {zh-hant,zh}.
  languages text[] not null,
  has_events boolean not null,
  -- Of the lead article's text that the three columns below are made of; null: they are not made yet.
  content_hash text,
  title text not null default '',
  text text not null default '',
  lexemes tsvector not null default ''
);

create index story_search_by_sort on story_search (sort_at desc, story_id desc);
create index story_search_by_seen on story_search (first_seen_at desc, story_id desc);
create index story_search_by_change on story_search (changed_at desc, story_id desc);
-- Calendars: few stories announce an event.
create index story_search_with_events on story_search (sort_at desc, story_id desc) where has_events;
create index story_search_unmade on story_search (story_id) where content_hash is null;
-- Without a pending list: each search would read all of it.
create index story_search_lexemes on story_search using gin (lexemes, source_ids, languages) with (fastupdate = off);
-- Estimates decide between this index and a walk from the newest story on, so rare words must be known as rare.
alter table story_search alter column lexemes set statistics 1000;

insert into story_search (story_id, sort_at, first_seen_at, changed_at, source_ids, languages, has_events)
select s.id, s.sort_at, s.first_seen_at, s.changed_at,
  (select array_agg(distinct m.source_id) from article m where m.story_id = s.id),
  array_remove(array[lower(a.language), lower(split_part(a.language, '-', 1))], null),
  exists (select 1 from event e where e.article_id = a.id)
from story s join article a on a.id = s.lead_article_id where s.merged_into is null;
