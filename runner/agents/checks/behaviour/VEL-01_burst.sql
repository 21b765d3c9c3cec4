-- id: VEL-01
-- version: 5
-- title: Burst of events on one account
-- description: The account's busiest 24 hours hold far more events than its own events spread over the file would, and
--   than other accounts reach; where the account has ten active days or more, more than its own busy days, too. A day that is half as full at two other times is a rhythm, as of wages. Busy shops whose customers all buy several times a day do not fire.
-- needs: account, event_time
-- times: hour
-- group: velocity
-- unit: entity
-- weight: 0.4
-- baseline: own events spread evenly over the file's days, and own busy days (nine in ten are no busier); peers in the file; fixed limit per day
-- reference: Jube (more than 4 a day), Radar (more than 10 an hour is strong); scan statistic, Poisson
-- param: per_day | Events a day above which it counts in full; fewer count less | 4 | 1 | 500 | events | Jube: more than 4 a day
-- param: hours | Length of the window | 24 | 1 | 168 | h | Fraud Detection Handbook: 1-day window
-- sentence: Account {account:text}: {n:int} event{n:s} within {length:span} from {first_at:time} on, of {own_n:int} in {days:int} days; {share:few} of the comparable accounts reach as many, and the odds of that by chance are {p:odds}.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, count(*) OVER w AS n, bool_or(in_scope) OVER w AS scoped, count(*) OVER (PARTITION BY subject) AS own_n
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL
  WINDOW w AS (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW)
),
span AS (SELECT greatest(1, max(t) - min(t)) AS seconds FROM events),
-- each account's fullest window, of those that hold a row of the case
peak AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(n, (scoped, n, t)) AS n, any_value(own_n) AS own_n, arg_max(t, (scoped, n, t)) AS last_at
  FROM e GROUP BY subject
),
-- the peers whose peak is at least n
ladder AS (
  SELECT n, sum(count(*) FILTER (peer)) OVER (ORDER BY n DESC) AS hits, sum(count(*) FILTER (peer)) OVER () AS others_n
  FROM peak GROUP BY n
),
-- events come in visits: what the account's other busy days hold is no burst
daily AS (
  SELECT e.subject, count(*) AS n, any_value(peak.n) AS peak FROM e JOIN peak ON peak.subject = e.subject AND peak.mine AND peak.n > 1 WHERE e.t NOT BETWEEN peak.last_at - $hours * 3600 AND peak.last_at GROUP BY e.subject, e.t // 86400
),
busy AS (SELECT subject, CASE WHEN count(*) FILTER (n >= 0.5 * peak) >= 2 THEN max(n) ELSE quantile_cont(n, 0.9) END AS n FROM daily GROUP BY subject HAVING count(*) >= 10 OR count(*) FILTER (n >= 0.5 * peak) >= 2),
judged AS (
  SELECT peak.*, others(hits, others_n, peer::INT) AS share, commonness(hits, others_n, peer::INT) AS common, seconds,
    greatest(1e-9, (own_n - 1) * least(1, $hours * 3600 / seconds), coalesce(busy.n, 0)) AS expected
  FROM peak JOIN ladder USING (n) LEFT JOIN busy ON busy.subject = peak.subject CROSS JOIN span WHERE mine AND peak.n > 1
),
-- log10 of the chance that one of the account's windows holds n - 1 further events, by the Poisson tail
scored AS (
  SELECT *, CASE WHEN n - 1 <= expected THEN 0 ELSE
      least(0, log10(own_n) + poisson_tail(n - 1, expected)) END AS log_p
  FROM judged
),
fired AS (
  SELECT *, least(1, (n - 1) / $per_day) * rare(common) * CASE WHEN log_p > log10(0.05) THEN 0 ELSE ramp(-log_p, 0.5, 3) END AS strength
  FROM scored
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.subject AS account, any_value(fired.n) AS n, any_value(fired.own_n) AS own_n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  any_value(seconds) / 86400 AS days, any_value(share) AS share, pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.last_at - $hours * 3600 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
