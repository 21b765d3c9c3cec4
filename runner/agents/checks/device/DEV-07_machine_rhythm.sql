-- id: DEV-07
-- version: 3
-- title: Machine rhythm
-- description: The account's events follow one another at nearly the same interval. Intervals of whole days are left out: they are habits and standing orders.
-- needs: account, event_time
-- times: minute
-- group: automation
-- unit: entity
-- weight: 0.3
-- baseline: own intervals; peers in the file
-- reference: coefficient of variation below 0.1 over at least 10 events
-- min_rows: 10
-- param: cv | Variation below which it is a machine | 0.1 | 0.01 | 0.5 | share | ours
-- param: events | Fewest events | 10 | 5 | 1000 | events | ours
-- unless: too_few_rows | SELECT 'too few events: the check needs ' || $events::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) < $events
-- sentence: Account {account:text}: {n:int} event{n:s} from {first_at:time} on, one every {mean:span} with a variation of {variation:pct} (limit {$cv:pct}); {share:few} of the comparable accounts are that regular.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, t - lag(t) OVER (PARTITION BY subject ORDER BY t, row_key) AS gap
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL
),
rhythm AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, count(*) AS n, min(t) AS first_at, avg(gap) AS mean, stddev_samp(gap) / nullif(avg(gap), 0) AS variation,
    list(row ORDER BY t, row_key) AS rows
  FROM e GROUP BY subject HAVING count(*) >= $events
),
judged AS (SELECT *, variation < $cv AND mean BETWEEN 2 AND 43200 AS regular FROM rhythm),
common AS (SELECT count(*) FILTER (regular) AS hits, count(*) AS others_n FROM judged WHERE peer)
SELECT subject AS key, least(1, 0.5 + 0.5 * ($cv - variation) / $cv) * ramp(commonness(hits, others_n, peer::INT), 0.5, 0.1) AS strength, rows,
  subject AS account, n, first_at, mean, variation, others(hits, others_n, peer::INT) AS share
FROM judged CROSS JOIN common
WHERE mine AND regular AND commonness(hits, others_n, peer::INT) < 0.5
ORDER BY key
