-- id: LNK-06
-- version: 4
-- title: Chain of accounts that do nothing else
-- description: Money passes through several accounts one after the other that have hardly any other payment: shells.
-- needs: account, event_time, amount, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.45
-- baseline: fixed limits; how many of the file's accounts are in such a chain
-- reference: shell chains; numbers ours
-- param: payments | Most payments of a shell | 3 | 2 | 20 | payments | ours
-- param: chain | Fewest shells in a row | 3 | 2 | 10 | accounts | ours
-- param: days | Longest time at a shell | 14 | 1 | 90 | days | ours
-- sentence: {first:money} went {way:text}, through {k:int} accounts of at most {$payments:int} payments each, and {last:money} arrived, within {length:span} from {began:time} on; {share:few} of the file's other accounts are such shells in a row.
WITH RECURSIVE flow AS (
  SELECT subject AS a, counterparty_id AS b, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row, row_key FROM flows
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND subject != counterparty_id AND amount > 0 AND t IS NOT NULL AND paid
),
side AS (SELECT a AS id, 1 AS paid, 0 AS got FROM flow UNION ALL SELECT b, 0, 1 FROM flow),
shell AS MATERIALIZED (SELECT id FROM side GROUP BY id HAVING count(*) <= $payments AND sum(paid) >= 1 AND sum(got) >= 1),
edge AS MATERIALIZED (SELECT * FROM flow WHERE a IN (SELECT id FROM shell) OR b IN (SELECT id FROM shell)),
-- payments of a shell that only send on what it was paid
continued AS MATERIALIZED (
  SELECT DISTINCT e.row FROM edge e JOIN edge before ON before.b = e.a AND before.currency = e.currency AND before.t <= e.t AND before.t >= e.t - $days * 86400 AND e.amount BETWEEN 0.8 * before.amount AND 1.05 * before.amount AND before.row != e.row
  WHERE e.a IN (SELECT id FROM shell)
),
-- a chain begins where the payer is no shell that was paid before
walk(place, currency, began, first, t, amount, accounts, rows, keys, k) AS (
  SELECT b, currency, t, amount, t, amount, [a, b], [row], [row_key], 0 FROM edge
  WHERE b IN (SELECT id FROM shell) AND row NOT IN (SELECT row FROM continued)
  UNION ALL
  SELECT e.b, e.currency, began, first, e.t, e.amount, list_append(accounts, e.b), list_append(rows, e.row), list_append(keys, e.row_key), walk.k + 1
  FROM walk JOIN edge e ON e.a = walk.place AND e.currency = walk.currency AND e.t >= walk.t AND e.t <= walk.t + $days * 86400 AND e.amount BETWEEN 0.8 * walk.amount AND 1.05 * walk.amount AND NOT list_contains(keys, e.row_key)
  WHERE walk.place IN (SELECT id FROM shell) AND walk.k < 12 AND (NOT list_contains(accounts, e.b))
),
-- the longest of each beginning, and of the same accounts the one that begins first
longest AS (
  SELECT rows[1] AS start, arg_min(struct_pack(k := k, accounts := accounts, rows := rows, keys := keys, began := began, first := first, t := t, amount := amount), (-k, array_to_string(keys, ' '))) AS c FROM walk WHERE k >= $chain GROUP BY rows[1]
),
chain AS (SELECT arg_min(c, (c.began, c.t, array_to_string(c.keys, ' '))) AS c FROM longest GROUP BY c.accounts),
member AS (SELECT DISTINCT unnest(c.accounts) AS id FROM longest),
common AS (SELECT (SELECT count(*) FROM member SEMI JOIN shell USING (id)) AS hits, (SELECT count(DISTINCT id) FROM side) AS others_n)
SELECT array_to_string(c.accounts, ' > ') AS key, least(1, 0.6 + 0.1 * (c.k - $chain)) * ramp(commonness(hits, others_n, c.k), 0.1, 0.02) AS strength, c.rows AS rows,
  array_to_string(c.accounts, ' > ') AS way, c.k AS k, c.first AS first, c.amount AS last, c.t - c.began AS length, c.began AS began, others(hits, others_n, c.k) AS share
FROM chain CROSS JOIN common
WHERE commonness(hits, others_n, c.k) < 0.1
ORDER BY key
