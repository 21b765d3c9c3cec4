-- id: VEL-08
-- version: 4
-- title: Failed log-ins, then one that works
-- description: Several log-ins of the account fail within minutes, and the next one succeeds: a password was guessed.
-- needs: account, event_time, status
-- times: minute
-- group: credentials
-- unit: entity
-- weight: 0.5
-- baseline: fixed limits; how common it is among accounts of the file
-- reference: reelpay: 5 failures in 5 minutes; tirreno: 3 in 8
-- min_rows: 2
-- param: failures | Fewest failures | 5 | 2 | 100 | log-ins | reelpay: 5
-- param: minutes | Length of the window | 5 | 1 | 120 | min | reelpay: 5 min
-- unless: no_values | FROM untold('events', 'login')
-- unless: no_values | SELECT 'none of the rows in question is a log-in with an outcome; the kind of event (event_type) or the name of the column of outcomes would tell' WHERE NOT EXISTS (FROM own WHERE login AND status_ok IS NOT NULL)
-- sentence: Account {account:text}: {n:int} log-ins failed within {length:span} before the one that worked at {at:time} (limit {$failures:int} in {$minutes:int} min); {share:few} of the comparable accounts had such a run.
WITH e AS (
  SELECT subject, t, row, row_key, status_ok, mine, peer, count(*) FILTER (NOT status_ok) OVER w AS bad, bool_or(in_scope) OVER w AS scoped
  FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND status_ok IS NOT NULL AND login
  WINDOW w AS (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($minutes * 60 AS BIGINT) PRECEDING AND CURRENT ROW)
),
hit AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(t, (scoped, bad, t)) AS at, arg_max(bad, (scoped, bad, t)) AS bad FROM e WHERE status_ok AND bad >= $failures GROUP BY subject
),
common AS (SELECT (SELECT count(*) FROM hit WHERE peer) AS hits, (SELECT count(DISTINCT subject) FROM e WHERE peer) AS others_n),
fired AS (
  SELECT hit.*, others(hits, others_n, peer::INT) AS share, least(1, 0.7 + 0.3 * (bad - $failures) / $failures) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength FROM hit CROSS JOIN common WHERE mine
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account,
  count(*) FILTER (NOT status_ok) AS n, any_value(fired.at) AS at, any_value(fired.at) - min(e.t) FILTER (NOT status_ok) AS length, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.at - $minutes * 60 AND fired.at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
