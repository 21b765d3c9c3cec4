-- id: PAY-03
-- version: 5
-- title: Small sums gathered and sent on
-- description: Several small payments come in, and one payment sends nearly all of them on within days. For those who paid in it counts four tenths, and less where the payments are more than 25: they may be its victims.
-- needs: account, event_time, amount, counterparty_id
-- group: flow
-- unit: entity
-- weight: 0.4
-- baseline: fixed limits; how common it is among accounts that receive and pay
-- reference: FFIEC: deposits below 3 000, consolidated
-- about: account
-- param: small | Largest payment that is small | 3000 | 10 | 1000000 | of the currency | FFIEC: 3 000
-- param: payments | Fewest small payments | 3 | 2 | 100 | payments | FFIEC practice
-- param: share | Share of their sum from which on it counts in full; less counts less, down to three quarters of it | 0.8 | 0.5 | 1 | share | FFIEC: 80 %
-- param: hours | Length of the window | 72 | 1 | 720 | h | practice: 72 h
-- param: any_currency | Judge other currencies than dollars, euros, pounds and the like by it, too (1: yes) | 0 | 0 | 1 | | ours
-- unless: no_baseline | SELECT 'the limit on small payments is meant in dollars, euros, pounds and the like; the amounts in question are in ' || string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM own WHERE amount > 0
--   HAVING count(*) > 0 AND NOT bool_or(near_dollar(currency)) AND $any_currency = 0
-- sentence: Account {account:text} received {n:int} payments below {$small:money}, {came:money} in all, within {length:span}, and sent {gone:money} on at {at:time} ({ratio:pct}); {share_of:few} of the comparable accounts did so.
WITH asked AS (SELECT DISTINCT subject AS id FROM own WHERE subject IS NOT NULL UNION SELECT DISTINCT counterparty_id FROM own WHERE counterparty_id IS NOT NULL),
flow AS (
  SELECT subject AS id, coalesce(currency, '') AS currency, -amount AS amount, t, row, row_key, in_scope FROM flows WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND amount > 0 AND t IS NOT NULL AND paid AND (near_dollar(currency) OR $any_currency = 1)
  UNION ALL SELECT counterparty_id, coalesce(currency, ''), amount, t, row, row_key, in_scope FROM flows WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND amount > 0 AND t IS NOT NULL AND paid AND (near_dollar(currency) OR $any_currency = 1)
),
e AS (
  SELECT flow.*, asked.id IS NOT NULL AS mine, hash(flow.id) % $peer_of = 0 AS peer FROM flow LEFT JOIN asked ON flow.id = asked.id WHERE asked.id IS NOT NULL OR hash(flow.id) % $peer_of = 0
),
sums AS (
  SELECT *, count(*) FILTER (amount > 0 AND amount < $small) OVER w AS n, coalesce(sum(amount) FILTER (amount > 0) OVER w, 0) AS came, coalesce(sum(amount) FILTER (amount > 0 AND amount < $small) OVER w, 0) AS small_in, bool_or(in_scope) OVER w AS scoped
  FROM e WINDOW w AS (PARTITION BY id, currency ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- what came in is small throughout, and one payment takes it out
hit AS (SELECT * FROM sums WHERE amount < 0 AND n >= $payments AND small_in = came AND -amount BETWEEN 0.75 * $share * came AND 1.05 * came),
busy AS (SELECT id FROM e WHERE peer GROUP BY id HAVING count(*) FILTER (amount > 0) >= $payments AND count(*) FILTER (amount < 0) >= 1),
common AS (SELECT (SELECT count(DISTINCT id) FROM hit WHERE peer) AS hits, (SELECT count(*) FROM busy) AS others_n),
-- each account's fullest, of those that hold a row of the case
best AS (SELECT id, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(struct_pack(currency := currency, n := n, t := t, "row" := row, gone := -amount, came := came), (scoped, n, t, row_key)) AS h FROM hit GROUP BY id),
fired AS (SELECT id, h.currency AS currency, h.n AS n, h.t AS at, h."row" AS out_row, h.gone AS gone, h.came AS came, others(hits, others_n, peer::INT) AS share_of,
    least(1, 0.3 + 0.15 * (h.n - $payments)) * ramp((h.gone / h.came)::DOUBLE, 0.75 * $share, $share) * ramp(commonness(hits, others_n, peer::INT), 0.3, 0.05) AS strength FROM best CROSS JOIN common WHERE mine)
SELECT fired.id AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.id AS account, any_value(fired.n) AS n, any_value(fired.came)::DOUBLE AS came, any_value(fired.gone)::DOUBLE AS gone,
  any_value(fired.at) AS at, max(e.t) - min(e.t) AS length, (any_value(fired.gone) / any_value(fired.came))::DOUBLE AS ratio, any_value(share_of) AS share_of, least(0.4, 10 / any_value(fired.n)) AS _bystander
FROM fired JOIN e ON e.id = fired.id AND e.currency = fired.currency AND (e.row = fired.out_row OR e.amount > 0 AND e.t BETWEEN fired.at - $hours * 3600 AND fired.at)
WHERE strength > 0
GROUP BY fired.id
ORDER BY key
