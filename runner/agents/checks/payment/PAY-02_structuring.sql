-- id: PAY-02
-- version: 3
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
-- param: any_currency | Judge other currencies than dollars, euros, pounds and the like by it, too (1: yes) | 0 | 0 | 1 | | ours
-- unless: no_baseline | SELECT 'the reporting limit is meant in dollars, euros, pounds and the like; the amounts in question are in ' || string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM own WHERE amount > 0
--   HAVING count(*) > 0 AND NOT bool_or(near_dollar(currency)) AND $any_currency = 0
-- sentence: Account {account:text}: {n:int} payments from {low:money} to {high:money} within {length:span} from {first_at:time} on, {sum:money} in all, all just under {$limit:money}; {below:int} lie in the equally wide band below. Of the payments of others {share:pct} lie in the band.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, t, row, row_key, in_scope, mine, peer, amount::DOUBLE AS amount, amount >= $limit * $band AND amount < $limit AS inside,
    amount >= $limit * (2 * $band - 1) AND amount < $limit * $band AS beneath
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND outgoing AND paid AND (near_dollar(currency) OR $any_currency = 1)
),
total AS (SELECT subject, currency, count(*) FILTER (inside AND peer) AS hits, count(*) FILTER (peer) AS n FROM e GROUP BY ALL),
common AS (SELECT currency, sum(hits) AS hits, sum(n) AS n FROM total GROUP BY currency),
run AS (
  SELECT *, count(*) OVER w AS n, bool_or(in_scope) OVER w AS scoped FROM e WHERE inside
  WINDOW w AS (PARTITION BY subject, currency ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- each account's fullest window, of those that hold a row of the case
peak AS (SELECT subject, currency, bool_or(mine) AS mine, arg_max(n, (scoped, n, t)) AS n, arg_max(t, (scoped, n, t)) AS last_at FROM run WHERE n > $payments GROUP BY ALL),
around AS (
  SELECT peak.subject, peak.currency, any_value(peak.n) AS n, any_value(last_at) AS last_at, count(*) FILTER (beneath) AS below
  FROM peak JOIN e ON e.subject = peak.subject AND e.currency = peak.currency AND e.t BETWEEN last_at - $days * 86400 AND last_at WHERE peak.mine GROUP BY ALL
),
fired AS (
  -- a smooth spread of amounts has about as many in the band beneath: only the excess counts
  SELECT around.*, others(common.hits, common.n - total.n + total.hits, total.hits) AS share, least(1, (around.n - below) / (2.0 * ($payments + 1))) * ramp(commonness(common.hits - total.hits, common.n - total.n, 0), 0.3, 0.05) AS strength
  FROM around JOIN total USING (subject, currency) JOIN common USING (currency) WHERE around.n > below
)
SELECT fired.subject || CASE WHEN fired.currency = '' THEN '' ELSE ' in ' || fired.currency END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, count(*) AS n, any_value(below) AS below,
  min(amount) AS low, max(amount) AS high, sum(amount::DECIMAL(18,4))::DOUBLE AS sum, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.currency = fired.currency AND e.inside AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject, fired.currency
ORDER BY key
