-- Why: ten thousand sources that are asked every ten minutes make 1.4 million runs a day, nearly all of which found nothing
--      new. These are cleared after days, those that tell something after months.
-- Undo: drop index crawl_run_uneventful;

create index crawl_run_uneventful on crawl_run (finished_at)
  where outcome = 'succeeded' and stored + revised + failed = 0;
