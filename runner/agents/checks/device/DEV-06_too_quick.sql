-- id: DEV-06
-- version: 1
-- title: Quicker than a person
-- description: The payment comes seconds after the session began, where others of this file take longer.
-- needs: account, event_time, session_start
-- group: automation
-- unit: entity
-- weight: 0.5
-- baseline: peers in the file; fixed limit
-- reference: 30 s from click to conversion; 1 to 2 s is a program
-- strengths: row
-- param: seconds | Shortest believable visit | 30 | 1 | 600 | s | integr8: 30 s
-- sentence: Account {account:text}: {n:int} event{n:s} within {quickest:span} to {slowest:span} of the session's start (limit {$seconds:int} s); {share:pct} of comparable events are that quick.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, t - epoch(session_start)::BIGINT AS took FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND session_start IS NOT NULL AND event_time >= session_start
),
-- events that open their own session carry its time and are no sign of haste
common AS (SELECT coalesce(avg((took < $seconds)::INT), 0) AS share FROM e WHERE peer),
fired AS (
  SELECT e.*, share, CASE WHEN took <= 2 THEN 1 ELSE greatest(0.3, 1 - took / $seconds) END * least(1, greatest(0, (0.5 - share) / 0.4)) AS strength
  FROM e CROSS JOIN common WHERE mine AND took < $seconds
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, min(took) AS quickest, max(took) AS slowest, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
