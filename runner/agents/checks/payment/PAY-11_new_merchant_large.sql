-- id: PAY-11
-- version: 4
-- title: First payment of its kind, and a large one
-- description: An account with a past pays for the first time in a category, or to a merchant where the file has no categories, and more than 95 % of all payments there. Where there are neither, to a payee, and more than thrice what 95 % of its own earlier payments are; less where three in ten of these were to somebody new as well, and not where seven in ten were.
-- needs: account, event_time, amount, merchant_category|merchant_id|counterparty_id
-- group: amount
-- unit: entity
-- weight: 0.2
-- baseline: own past; all payments at the same category or merchant in the currency; the own past for a payee
-- reference: Sparkov data: category and its 95th percentile
-- min_rows: 4
-- min_peers: 20
-- strengths: row
-- param: history | Earlier payments that make a past | 3 | 1 | 1000 | payments | ours
-- param: percentile | What counts as large | 0.95 | 0.8 | 0.999 | share | practice: 95th percentile
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || ($history::BIGINT + 1) || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL AND outgoing AND coalesce(merchant_category, merchant_id, counterparty_id) IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) <= $history
-- sentence: Account {account:text}: {n:int} payment{n:s} of a kind that was new to it, and large, such as {amount:money} {where:text} on {at:time}, where {$percentile:pct} of {those:text} are below {limit:money}; {share:few} of the comparable accounts have such a payment.
WITH e AS (
  SELECT subject, coalesce(merchant_category, merchant_id) AS kind, counterparty_id AS payee, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row, row_key, mine, peer,
    row_number() OVER (PARTITION BY subject ORDER BY t, row_key) - 1 AS earlier,
    row_number() OVER (PARTITION BY subject, coalesce(merchant_category, merchant_id, counterparty_id) ORDER BY t, row_key) = 1 AS first_time
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND outgoing AND paid AND coalesce(merchant_category, merchant_id, counterparty_id) IS NOT NULL
),
asked AS (SELECT DISTINCT kind FROM e WHERE mine OR peer),
level AS (
  SELECT coalesce(merchant_category, merchant_id) AS kind, coalesce(currency, '') AS currency, quantile_cont(amount::DOUBLE, $percentile) AS limit_
  FROM events WHERE outgoing AND paid AND coalesce(merchant_category, merchant_id) IN (SELECT kind FROM asked) GROUP BY ALL HAVING count(*) >= 20
),
past AS (
  SELECT *, quantile_cont(amount, $percentile) OVER w AS limit_, count(*) OVER w AS n, avg(first_time::INT) OVER w AS novel FROM e WHERE kind IS NULL
  WINDOW w AS (PARTITION BY subject, currency ORDER BY t, row_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
judged AS (
  SELECT subject, 'at ' || kind AS place, 'payments' AS those, currency, amount, t, row, row_key, mine, peer, limit_, first_time AND earlier >= $history AND amount > limit_ AS strange, amount / limit_ AS times, 1 AS rarity FROM e JOIN level USING (kind, currency)
  UNION ALL SELECT subject, 'to ' || payee, 'its earlier payments', currency, amount, t, row, row_key, mine, peer, limit_, first_time AND amount > 3 * limit_, amount / (3 * limit_), ramp(novel, 0.7, 0.3) FROM past WHERE n >= $history
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(strange) AS hit FROM judged WHERE peer GROUP BY subject)),
fired AS (
  SELECT judged.*, others(hits, others_n, peer::INT) AS share, least(1, 0.3 + 0.7 * (times - 1)) * rarity * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength FROM judged CROSS JOIN common WHERE mine AND strange
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, arg_max(amount, (times, -t)) AS amount, arg_max(place, (times, -t)) AS "where", arg_max(those, (times, -t)) AS those, arg_max(t, (times, -t)) AS at, arg_max(limit_, (times, -t)) AS "limit", any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
