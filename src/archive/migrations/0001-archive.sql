-- Why: the first archive: articles with their revisions and events, the stories they tell, what is known of pages and
--      listings between runs, the runs themselves, and what processes must agree on (pacing, robots.txt).
-- Undo: drop schema newsfold cascade;

create table story (
  id uuid primary key,
  lead_article_id uuid not null,
  -- An operator joined it to another story: its address still leads there, feeds no longer show it.
  merged_into uuid references story,
  first_seen_at timestamptz not null,
  -- When anything that its item shows was changed last.
  changed_at timestamptz not null,
  -- Its place in feeds, newest first: never later than when it was seen first, so that a wrong date in the future
  -- does not keep an item on top.
  sort_at timestamptz not null
);
create index story_by_sort on story (sort_at desc, id desc);
create index story_by_change on story (changed_at desc);

create table article (
  id uuid primary key,
  story_id uuid not null references story,
  source_id text not null,
  canonical_url text not null unique,
  url text not null,
  title text not null,
  kicker text,
  subtitle text,
  byline text,
  origin text,
  editor text,
  language text,
  summary text,
  published jsonb,
  published_at timestamptz,
  modified jsonb,
  dateline jsonb,
  body_html text not null,
  body_text text not null,
  images jsonb not null,
  attachments jsonb not null,
  content_hash text not null,
  confidence real not null,
  warnings text[] not null,
  first_seen_at timestamptz not null,
  changed_at timestamptz not null,
  revision int not null,
  -- Whether its publisher speaks for itself here, and does not reprint somebody else.
  is_own_release boolean not null,
  -- When its page was found gone after having been there.
  withdrawn_at timestamptz
);
create index article_by_story on article (story_id);
create index article_by_source on article (source_id, first_seen_at desc);

create table revision (
  article_id uuid not null references article,
  number int not null,
  title text not null,
  body_text text not null,
  body_html text not null,
  content_hash text not null,
  seen_at timestamptz not null,
  primary key (article_id, number)
);

-- What is compared to find copies: fingerprints are made by the program, and made anew when their version is old.
create table article_fingerprint (
  article_id uuid primary key references article,
  version int not null,
  words int not null,
  data bytea not null
);

-- Where to look for copies. The newest articles of a key are looked at; the index alone answers.
create table story_candidate (
  key bigint not null,
  seen bigint generated always as identity,
  article_id uuid not null references article,
  -- null: the publisher does not say.
  published_at timestamptz,
  primary key (key, seen) include (article_id, published_at)
);
create index story_candidate_by_article on story_candidate (article_id);

-- In how many stories a paragraph stands: what a publisher puts under every release says nothing about a release.
create table paragraph_use (
  hash bigint primary key,
  stories int not null,
  last_story_id uuid not null
);

create table event (
  article_id uuid not null references article,
  ordinal int not null,
  title text not null,
  starts jsonb not null,
  starts_at timestamptz not null,
  ends jsonb,
  place text,
  primary key (article_id, ordinal)
);
create index event_by_start on event (starts_at);

-- One address as one source names it.
create table page (
  source_id text not null,
  canonical_url text not null,
  url text not null,
  status text not null check (status in ('stored', 'failed', 'gone')),
  etag text,
  last_modified text,
  -- What the listing said when the page was read: another title or time there is a reason to read it again.
  listed_title text,
  listed_at timestamptz,
  fetched_at timestamptz not null,
  -- Failures since it was read last.
  attempts int not null default 0,
  -- Looks since its article changed last.
  looks int not null default 0,
  next_try_at timestamptz,
  error_code text,
  error_message text,
  primary key (source_id, canonical_url)
);
create index page_due on page (source_id, next_try_at) where next_try_at is not null;

create table listing_state (
  source_id text not null,
  url text not null,
  etag text,
  last_modified text,
  -- The listing's settings when it was read: validators hold for the same ones only.
  settings_key text not null,
  -- Whether all that it named was handled; if not, a 304 must not hide the rest.
  is_complete boolean not null,
  saved_at timestamptz not null,
  primary key (source_id, url)
);

create table crawl_run (
  id uuid primary key,
  source_id text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  outcome text not null check (outcome in ('succeeded', 'partial', 'failed', 'aborted')),
  found int not null,
  stored int not null,
  revised int not null,
  unchanged int not null,
  failed int not null,
  skipped jsonb not null,
  not_modified_listings int not null,
  requests int not null,
  bytes bigint not null,
  errors text[] not null
);
create index crawl_run_by_source on crawl_run (source_id, finished_at desc);

create table host_pacing (
  host text primary key,
  -- The last slot that was given, and the wait that was asked for after it.
  slot_at timestamptz not null,
  delay_ms float8 not null,
  -- Nobody asks before: the host wants to be left alone.
  closed_until timestamptz
);

create table robots_file (
  origin text primary key,
  -- null: it could not be read, so nothing may be asked; empty: there is none, everything is allowed.
  text text,
  reason text not null,
  expires_at timestamptz not null
);
