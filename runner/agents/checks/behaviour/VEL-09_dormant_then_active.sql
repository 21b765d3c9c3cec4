-- id: VEL-09
-- version: 1
-- title: Silent for long, then active
-- description: After a silence far longer than any before, the account comes back with several events within a week, or with a payment larger than nearly all before.
-- needs: account, event_time
-- group: dormancy
-- unit: entity
-- weight: 0.25
-- baseline: own past; how common such a return is among accounts of the file
-- reference: FFIEC: 12 months; tirreno: 30, 90 and 365 days
-- min_rows: 4
-- param: days | Shortest silence | 30 | 7 | 1000 | days | tirreno: 30, 90, 365
-- param: events | Fewest events on return | 3 | 1 | 100 | events | ours
-- sentence: Account {account:text} was silent for {gap:span} until {at:time} and then had {n:int} events within a week; {share:pct} of comparable accounts came back like that.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, amount,
    t - lag(t) OVER w AS gap, row_number() OVER w - 1 AS earlier,
    count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CURRENT ROW AND 604800 FOLLOWING) AS n,
    max(t) OVER (PARTITION BY subject) AS last_seen
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
hit AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, max(gap) AS gap, arg_max(t, (gap, t)) AS at, arg_max(n, (gap, t)) AS n, arg_max(earlier, (gap, t)) AS earlier
  FROM e WHERE gap >= $days * 86400 AND earlier >= 2 AND n >= $events GROUP BY subject
),
common AS (SELECT (SELECT count(*) FROM hit WHERE peer) / greatest(1, (SELECT count(*) FROM (SELECT subject FROM e WHERE peer GROUP BY subject HAVING count(*) >= 2 + $events))) AS share),
fired AS (
  SELECT hit.*, share, least(1, 0.3 + 0.7 * (gap - $days * 86400) / (335 * 86400.0)) * least(1, greatest(0, (0.2 - share) / 0.15)) AS strength FROM hit CROSS JOIN common WHERE mine
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account,
  any_value(fired.gap) AS gap, any_value(fired.at) AS at, any_value(fired.n) AS n, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.at AND fired.at + 604800
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
