-- id: PAY-02
-- version: 1
-- title: Amounts just under a reporting limit
-- description: Several payments of the account lie just under a limit within days, more than the amounts next below would let expect.
-- needs: account, event_time, amount
-- group: structuring
-- unit: entity
-- weight: 0.5
-- baseline: the account's amounts next below the band; the file's share of such amounts; fixed limit
-- reference: FFIEC appendix F: just under 10 000
-- param: limit | Reporting limit | 10000 | 100 | 10000000 | of the currency | FFIEC: 10 000
-- param: band | Lower edge of the band, as share of the limit | 0.9 | 0.5 | 0.99 | share | FFIEC practice
-- param: payments | Payments in the band that are still ordinary | 2 | 1 | 100 | payments | ours
-- param: days | Length of the window | 7 | 1 | 90 | days | practice: 7 days
-- sentence: Account {account:text}: {n:int} payments from {low:money} to {high:money} within {length:span} from {first_at:time} on, {sum:money} in all, all just under {$limit:money}; {below:int} lie in the equally wide band below. In the file {share:pct} of payments lie in the band.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, amount::DOUBLE AS amount, amount >= $limit * $band AND amount < $limit AS inside,
    amount >= $limit * (2 * $band - 1) AND amount < $limit * $band AS beneath
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND amount > 0
),
common AS (SELECT coalesce(avg(inside::INT), 0) AS share FROM e WHERE peer),
run AS (
  SELECT *, count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW) AS n FROM e WHERE inside
),
peak AS (SELECT subject, bool_or(mine) AS mine, max(n) AS n, arg_max(t, (n, t)) AS last_at FROM run GROUP BY subject HAVING max(n) > $payments),
around AS (
  SELECT peak.subject, any_value(peak.n) AS n, any_value(last_at) AS last_at, count(*) FILTER (beneath) AS below
  FROM peak JOIN e ON e.subject = peak.subject AND e.t BETWEEN last_at - $days * 86400 AND last_at WHERE peak.mine GROUP BY peak.subject
),
fired AS (
  -- a smooth spread of amounts has about as many in the band beneath: only the excess counts
  SELECT around.*, share, least(1, (n - below) / (2.0 * ($payments + 1))) * least(1, greatest(0, (0.3 - share) / 0.25)) AS strength FROM around CROSS JOIN common WHERE n > below
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, count(*) AS n, any_value(below) AS below,
  min(amount) AS low, max(amount) AS high, sum(amount::DECIMAL(18,4))::DOUBLE AS sum, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.inside AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
