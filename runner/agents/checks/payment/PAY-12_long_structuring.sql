-- id: PAY-12
-- version: 1
-- title: A month of amounts under a limit
-- description: Within a month very many payments of the account lie in the band under a limit, where payments of others do not.
-- needs: account, event_time, amount
-- group: structuring
-- unit: entity
-- weight: 0.4
-- baseline: the file's share of such amounts, by a binomial tail; fixed limits
-- reference: didit: 20 payments in 30 days
-- min_rows: 20
-- param: limit | Limit | 10000 | 10 | 10000000 | of the currency | FFIEC: 10 000
-- param: band | Lower edge of the band, as share of the limit | 0.8 | 0.5 | 0.99 | share | ours
-- param: payments | Fewest payments in the band | 20 | 5 | 1000 | payments | didit: 20
-- param: days | Length of the window | 30 | 1 | 365 | days | didit: 30 days
-- sentence: Account {account:text}: {n:int} payments from {low:money} to {high:money} within {length:span} from {first_at:time} on, {sum:money} in all, all under {$limit:money}; in the file {share:pct} of payments lie in that band, and the odds of so many by chance are {p:odds}.
WITH e AS (
  SELECT subject, amount, t, row, row_key, mine, peer, amount >= $band * $limit AND amount < $limit AS inside, count(*) OVER (PARTITION BY subject) AS own_n FROM cohort WHERE subject IS NOT NULL AND t IS NOT NULL AND amount > 0
),
-- accounts count alike, so that one busy account does not set the measure
common AS (SELECT sum(k) / sum(n) AS told_share, (coalesce(sum(ratio), 0) + 1) / (count(*) + 2) AS share FROM (SELECT avg(inside::INT) AS ratio, count(*) FILTER (inside) AS k, count(*) AS n FROM e WHERE peer GROUP BY subject)),
run AS (SELECT *, count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW) AS n FROM e WHERE inside),
peak AS (SELECT subject, max(n) AS n, any_value(own_n) AS own_n, arg_max(t, (n, t)) AS last_at FROM run WHERE mine GROUP BY subject HAVING max(n) >= $payments),
judged AS (
  SELECT *, CASE WHEN n <= share * own_n THEN 0 ELSE -own_n * (n / own_n * ln(n / own_n / share) + CASE WHEN n = own_n THEN 0 ELSE (1 - n / own_n) * ln((1 - n / own_n) / (1 - share)) END) / ln(10) END AS log_p
  FROM peak CROSS JOIN common
),
fired AS (SELECT *, least(1, greatest(0, (-log_p - 2) / 6)) * least(1, greatest(0, (0.2 - share) / 0.15)) AS strength FROM judged)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, count(*) AS n, min(amount)::DOUBLE AS low, max(amount)::DOUBLE AS high, sum(amount)::DOUBLE AS sum,
  min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(told_share) AS share, pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.inside AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
