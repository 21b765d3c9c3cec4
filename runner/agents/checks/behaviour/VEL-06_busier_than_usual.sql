-- id: VEL-06
-- version: 2
-- title: Far busier than in the weeks before
-- description: In one week the account has several times the events of its average week in the thirty days before.
-- needs: account, event_time
-- group: velocity
-- unit: entity
-- weight: 0.2
-- baseline: own past 30 days; chance (Poisson); peers in the file
-- reference: Fraud Detection Handbook: windows of 1, 7 and 30 days
-- min_rows: 6
-- param: ratio | Times the usual from which on it counts | 3 | 1.5 | 50 | times | ours
-- unless: no_baseline | SELECT 'too short a past: the check needs 37 days of one account, the most here are ' || coalesce(max(days), 0) FROM (
--   SELECT (max(t) - min(t)) // 86400 AS days FROM own WHERE subject IS NOT NULL AND t IS NOT NULL GROUP BY subject) HAVING coalesce(max(days), 0) < 37
-- sentence: Account {account:text}: {n:int} event{n:s} in the week up to {at:time}, against {usual:num} a week in the 30 days before ({times:num} times, limit {$ratio:num}); {share:pct} of comparable accounts have such a week.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer,
    count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW) AS n,
    count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 3196800 PRECEDING AND 604801 PRECEDING) AS past,
    bool_or(in_scope) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW) AS scoped, min(t) OVER (PARTITION BY subject) AS first_at
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL
),
rated AS (
  SELECT *, past * 7 / 30.0 AS usual, n / greatest(past * 7 / 30.0, 0.25) AS times,
    -- log10 of the chance of so many, by Chernoff's bound on a Poisson tail around the usual week
    -(n * ln(n / greatest(past * 7 / 30.0, 0.25)) - n + greatest(past * 7 / 30.0, 0.25)) / ln(10) AS log_p
  FROM e WHERE t - first_at >= 3196800 AND past >= 1
),
-- each account's strangest week, of those that hold a row of the case
peak AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(t, (scoped, -log_p, t)) AS at, arg_max(n, (scoped, -log_p, t)) AS n, arg_max(usual, (scoped, -log_p, t)) AS usual,
    arg_max(times, (scoped, -log_p, t)) AS times, arg_max(log_p, (scoped, -log_p, t)) AS log_p
  FROM rated WHERE times >= $ratio AND n >= 4 GROUP BY subject
),
common AS (SELECT (SELECT count(*) FROM peak WHERE peer) AS hits, (SELECT count(DISTINCT subject) FROM rated WHERE peer) AS others_n),
fired AS (
  SELECT peak.*, others(hits, others_n, peer::INT) AS share, ramp(-log_p, 2, 6) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength FROM peak CROSS JOIN common WHERE mine
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account,
  any_value(fired.n) AS n, any_value(fired.at) AS at, any_value(fired.usual) AS usual, any_value(fired.times) AS times, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.at - 604800 AND fired.at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
