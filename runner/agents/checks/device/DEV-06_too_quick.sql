-- id: DEV-06
-- version: 3
-- title: Quicker than a person
-- description: The payment (in files without amounts: the event) comes seconds after the session began, where others of this file take longer.
-- needs: account, event_time, session_start
-- times: second
-- group: automation
-- unit: entity
-- weight: 0.5
-- baseline: peers in the file; fixed limit
-- reference: 30 s from click to conversion; 1 to 2 s is a program
-- strengths: row
-- param: seconds | Shortest believable visit | 30 | 1 | 600 | s | integr8: 30 s
-- sentence: Account {account:text}: {n:int} event{n:s} within {quickest:span} to {slowest:span} of the session's start (limit {$seconds:int} s); {share:few} of the comparable events are as quick as the quickest.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, amount, t - floor(epoch(session_start))::BIGINT AS took FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND session_start IS NOT NULL AND event_time >= session_start
),
-- a log-in opens its session and is no sign of haste
act AS (
  SELECT *, count(*) OVER (PARTITION BY subject) AS own_n, count(*) OVER (PARTITION BY subject ORDER BY took) AS own_quicker FROM e
  WHERE amount > 0 OR (SELECT count(amount) FROM e) = 0
),
ladder AS (
  SELECT took, sum(count(*) FILTER (peer)) OVER (ORDER BY took) AS hits, (SELECT count(*) FROM act WHERE peer) AS n
  FROM act WHERE took < $seconds GROUP BY took
),
fired AS (
  -- an account of many visits has a quick one sooner, hence the share times visits over those as quick (Benjamini and Hochberg)
  SELECT act.*, others(hits - own_quicker * peer::INT, n - own_n * peer::INT, 0) AS share, commonness(hits - own_quicker * peer::INT, n - own_n * peer::INT, 0) AS common, CASE WHEN took <= 2 THEN 1 ELSE greatest(0.3, 1 - took / $seconds) END AS level, own_n / own_quicker AS chances
  FROM act JOIN ladder USING (took) WHERE mine
),
graded AS (
  SELECT *, level * least(1, greatest(0, (-log10(greatest(common, 1e-6)) - 0.3) / 1)) AS row_strength,
    level * least(1, greatest(0, (-log10(greatest(common * chances, 1e-6)) - 0.3) / 1)) AS strength
  FROM fired
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(row_strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, min(took) AS quickest, max(took) AS slowest, min(share) AS share
FROM graded WHERE row_strength > 0
GROUP BY subject HAVING max(strength) > 0
ORDER BY key
