-- Why: what is new goes out to those who asked: WebSub subscribers, hubs, webhooks, open pages. An article's transaction
--      notes its story, and these tables say what is due to whom, so that a queue that lost everything is filled again.
-- Undo: drop table outbox, story_log, subscription, subscription_request, delivery, hub_ping, feed_token;

-- Stories that are new or changed and were not looked at yet. Written with the article or not at all.
create table outbox (
  story_id uuid primary key references story on delete cascade,
  kind text not null check (kind in ('new', 'changed')),
  -- Counts changes, so that one that comes while the story is looked at is not taken away with it.
  version int not null default 1,
  noted_at timestamptz not null default now()
);
create index outbox_by_time on outbox (noted_at);

-- The same in the order of looking: one process writes it at a time, so a reader that knows a number has missed none
-- before it.
create table story_log (
  id bigint generated always as identity primary key,
  story_id uuid not null references story on delete cascade,
  kind text not null check (kind in ('new', 'changed')),
  at timestamptz not null
);

-- The tables below that hold something due share four columns: `next_at` (null: nothing is due), `queued_at` (a job is
-- on its way), `attempts` (failures in a row) and `version` (counts finished jobs: part of a job's id).

-- WebSub subscriptions whose intent was verified.
create table subscription (
  id uuid primary key,
  topic text not null,
  callback text not null,
  secret text,
  expires_at timestamptz not null,
  -- Hashes of the topic's content that was delivered last, and of the one to be delivered.
  sent_hash text,
  due_hash text,
  next_at timestamptz,
  queued_at timestamptz,
  attempts int not null default 0,
  version int not null default 0,
  last_error text,
  created_at timestamptz not null,
  unique (topic, callback)
);
create index subscription_due on subscription (next_at) where next_at is not null;
create index subscription_by_end on subscription (expires_at);

-- Requests to a hub of ours that wait for their subscriber to confirm them, and denials on their way.
create table subscription_request (
  id uuid primary key,
  mode text not null check (mode in ('subscribe', 'unsubscribe', 'denied')),
  topic text not null,
  callback text not null,
  callback_host text not null,
  secret text,
  lease_seconds int not null,
  reason text,
  next_at timestamptz not null,
  queued_at timestamptz,
  attempts int not null default 0,
  version int not null default 0,
  -- The latest request counts.
  unique (topic, callback)
);
create index subscription_request_due on subscription_request (next_at);
create index subscription_request_by_host on subscription_request (callback_host);

-- Items for webhooks and pings for hubs of others.
create table delivery (
  id uuid primary key,
  channel text not null check (channel in ('webhook', 'hub')),
  -- Which webhook of which feed, or which hub.
  target text not null,
  feed_id text not null,
  -- The story's id, or the topic's address.
  subject text not null,
  kind text not null check (kind in ('new', 'changed')),
  -- null in the dead-letter list.
  next_at timestamptz,
  queued_at timestamptz,
  attempts int not null default 0,
  version int not null default 0,
  -- Counts changes of the subject since it became due.
  changes int not null default 0,
  last_error text,
  created_at timestamptz not null,
  died_at timestamptz,
  unique (channel, target, subject)
);
create index delivery_due on delivery (next_at) where next_at is not null;
create index delivery_dead on delivery (died_at) where died_at is not null;

-- What content a hub of others was told of last.
create table hub_ping (
  hub text not null,
  topic text not null,
  hash text not null,
  primary key (hub, topic)
);

-- Who may read a private feed. The token itself is kept by its subscriber alone.
create table feed_token (
  id text primary key,
  feed_id text not null,
  name text not null,
  token_hash text not null unique,
  created_at timestamptz not null,
  revoked_at timestamptz
);
