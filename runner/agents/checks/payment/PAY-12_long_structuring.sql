-- id: PAY-12
-- version: 4
-- title: A month of amounts under a limit
-- description: Within a month very many payments of the account lie in the band under a limit, where payments of others do not.
-- needs: account, event_time, amount
-- group: structuring
-- unit: entity
-- weight: 0.4
-- baseline: the file's share of such amounts, by a binomial tail; fixed limits
-- reference: didit: 20 payments in 30 days
-- min_rows: 20
-- min_peers: 20
-- param: limit | Limit | 10000 | 10 | 10000000 | of the currency | FFIEC: 10 000
-- param: band | Lower edge of the band, as share of the limit | 0.8 | 0.5 | 0.99 | share | ours
-- param: payments | Fewest payments in the band | 20 | 5 | 1000 | payments | didit: 20
-- param: days | Length of the window | 30 | 1 | 365 | days | didit: 30 days
-- param: any_currency | Judge other currencies than dollars, euros, pounds and the like by it, too (1: yes) | 0 | 0 | 1 | | ours
-- unless: no_baseline | SELECT 'the limit is meant in dollars, euros, pounds and the like; the amounts in question are in ' || string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM own WHERE amount > 0
--   HAVING count(*) > 0 AND NOT bool_or(near_dollar(currency)) AND $any_currency = 0
-- sentence: Account {account:text}: {n:int} payments from {low:money} to {high:money} within {length:span} from {first_at:time} on, {sum:money} in all, all under {$limit:money}; of the payments of others {share:pct} lie in that band, and the odds of so many by chance are {p:odds}.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, amount, t, row, row_key, in_scope, mine, peer, amount >= $band * $limit AND amount < $limit AS inside FROM cohort
  WHERE subject IS NOT NULL AND t IS NOT NULL AND outgoing AND paid AND (near_dollar(currency) OR $any_currency = 1)
),
account AS (SELECT subject, currency, avg(inside::INT) AS ratio, count(*) FILTER (inside) AS k, count(*) AS own_n, bool_or(peer) AS peer FROM e GROUP BY ALL),
-- accounts count alike, so that one busy account does not set the measure
common AS (SELECT currency, sum(ratio) AS ratios, count(*) AS others_n, sum(k) AS all_k, sum(own_n) AS all_n FROM account WHERE peer GROUP BY currency),
run AS (
  SELECT *, count(*) OVER w AS n, bool_or(in_scope) OVER w AS scoped FROM e WHERE inside
  WINDOW w AS (PARTITION BY subject, currency ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- each account's fullest window, of those that hold a row of the case
peak AS (SELECT subject, currency, arg_max(n, (scoped, n, t)) AS n, arg_max(t, (scoped, n, t)) AS last_at FROM run WHERE mine AND n >= $payments GROUP BY ALL),
told AS (
  SELECT peak.*, own_n, (all_k - k * peer::INT) / nullif(all_n - own_n * peer::INT, 0) AS told_share, (coalesce(ratios, 0) - ratio * peer::INT + 1) / (others_n - peer::INT + 2) AS share
  FROM peak JOIN account USING (subject, currency) JOIN common USING (currency)
),
judged AS (
  SELECT *, CASE WHEN n <= share * own_n THEN 0 ELSE -own_n * (n / own_n * ln(n / own_n / share) + CASE WHEN n = own_n THEN 0 ELSE (1 - n / own_n) * ln((1 - n / own_n) / (1 - share)) END) / ln(10) END AS log_p
  FROM told
),
fired AS (SELECT *, ramp(-log_p, 2, 8) * ramp(share, 0.2, 0.05) AS strength FROM judged WHERE log_p <= -3)
SELECT fired.subject || CASE WHEN fired.currency = '' THEN '' ELSE ' in ' || fired.currency END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, count(*) AS n, min(amount)::DOUBLE AS low, max(amount)::DOUBLE AS high, sum(amount)::DOUBLE AS sum,
  min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(told_share) AS share, pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.currency = fired.currency AND e.inside AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject, fired.currency
ORDER BY key
