-- id: LNK-04
-- version: 4
-- title: Money that comes back
-- description: Money goes round: from account to account, each payment after the one before, until it is back where it began, nearly whole. Cycles of three to five accounts.
--   Accounts of very many counterparties are left out; from each payment the next 20 that could carry the money on are followed, and no longer cycles are looked for where 200,000 ways are open.
-- needs: account, event_time, amount, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.5
-- baseline: fixed limits; how many of the file's paying accounts are in such a cycle
-- reference: AMLSim: cycle
-- param: days | Longest time from first to last payment | 7 | 1 | 60 | days | ours
-- param: kept | Share of the first amount that must come back | 0.8 | 0.5 | 1 | share | ours
-- param: hub | Counterparties from which on it is taken for a public utility | 200 | 10 | 100000 | counterparties | ours
-- unless: too_large | SELECT 'around the accounts in question there are ' || pairs || ' pairs of a payment in and one on, more than can be followed' FROM (
--   SELECT sum(came * went)::HUGEINT AS pairs FROM (SELECT id, count(*) FILTER (inward) AS came, count(*) FILTER (NOT inward) AS went FROM (
--   SELECT counterparty_id AS id, true AS inward FROM flows WHERE amount > 0 UNION ALL SELECT subject, false FROM flows WHERE amount > 0 AND counterparty_id IS NOT NULL) GROUP BY id)
--   WHERE id IN (SELECT subject FROM own UNION SELECT counterparty_id FROM own)) WHERE pairs > 100000000
-- sentence: {way:text}: {first:money} left {origin:text} at {began:time} and {last:money} came back in {k:int} payments within {length:span} ({ratio:pct} kept); {share:few} of the comparable accounts are in such a cycle.
WITH RECURSIVE flow AS MATERIALIZED (
  SELECT subject AS a, counterparty_id AS b, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row FROM flows
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND subject != counterparty_id AND amount > 0 AND t IS NOT NULL AND paid
),
utility AS (SELECT a AS id FROM flow GROUP BY a HAVING count(DISTINCT b) > $hub UNION SELECT b FROM flow GROUP BY b HAVING count(DISTINCT a) > $hub),
edge AS MATERIALIZED (SELECT * FROM flow WHERE a NOT IN (SELECT id FROM utility) AND b NOT IN (SELECT id FROM utility)),
asked AS (SELECT subject AS id FROM own WHERE subject IS NOT NULL UNION SELECT counterparty_id FROM own WHERE counterparty_id IS NOT NULL),
-- a quarter of the usual sample is enough to tell how common cycles are, and following money is dear
peers AS MATERIALIZED (SELECT DISTINCT a AS id FROM edge WHERE hash(a) % ($peer_of * 4 - 3) = 0),
seed AS MATERIALIZED (SELECT id FROM asked UNION SELECT id FROM peers),
-- every payment by which the money could have gone on from an asked account or a peer, or come to it
onward(row, b, amount, t, step) AS (
  SELECT row, b, amount, t, 1 FROM edge WHERE a IN (SELECT id FROM seed)
  UNION
  SELECT e.row, e.b, e.amount, e.t, step + 1 FROM onward JOIN edge e ON e.a = onward.b AND e.t >= onward.t AND e.t <= onward.t + $days * 86400 AND e.amount BETWEEN $kept * onward.amount AND onward.amount / $kept WHERE step < 5
),
back(row, a, amount, t, step) AS (
  SELECT row, a, amount, t, 1 FROM edge WHERE b IN (SELECT id FROM seed)
  UNION
  SELECT e.row, e.a, e.amount, e.t, step + 1 FROM back JOIN edge e ON e.b = back.a AND e.t <= back.t AND e.t >= back.t - $days * 86400 AND e.amount BETWEEN $kept * back.amount AND back.amount / $kept WHERE step < 5
),
part AS MATERIALIZED (
  SELECT edge.*, r.row_key FROM edge SEMI JOIN (SELECT row FROM onward UNION SELECT row FROM back) near ON near.row = edge.row JOIN events r ON r.row = edge.row
),
-- which payments could carry the money of one on
follow AS MATERIALIZED (
  SELECT p.row AS before, q.* FROM part p JOIN part q ON q.a = p.b AND q.currency = p.currency AND q.t >= p.t AND q.t <= p.t + $days * 86400 AND q.row != p.row AND q.amount BETWEEN $kept * p.amount / 1.05 AND p.amount * 1.05 / $kept
  QUALIFY row_number() OVER (PARTITION BY p.row ORDER BY q.t, q.row_key) <= 20
),
-- walks that never visit an account twice, until they come home
walk(origin, place, began, first, t, amount, accounts, rows, keys) AS (
  SELECT a, b, t, amount, t, amount, [a], [row], [row_key] FROM part
  UNION ALL
  SELECT origin, p.b, began, first, p.t, p.amount, list_append(accounts, p.a), list_append(rows, p.row), list_append(keys, p.row_key)
  FROM walk JOIN follow p ON p.before = walk.rows[-1] AND p.t <= walk.began + $days * 86400 AND p.amount BETWEEN $kept * walk.first AND walk.first * 1.05 AND NOT list_contains(keys, p.row_key)
  WHERE walk.place != origin AND len(accounts) < 5 AND NOT list_contains(accounts, walk.place) AND (SELECT count(*) FROM walk) <= 200000
),
cycle AS (SELECT *, len(accounts) AS k FROM walk WHERE place = origin AND len(accounts) BETWEEN 3 AND 5),
-- one finding for the same accounts: the cycle that keeps most
best AS (
  SELECT list_sort(accounts) AS members, arg_min(struct_pack(origin := origin, began := began, first := first, last := amount, t := t, accounts := accounts, rows := rows), (-amount / first, began, array_to_string(keys, ' '))) AS c, count(*) AS times
  FROM cycle GROUP BY ALL
),
-- peers in a cycle, and which of them are in the one judged
hit AS (SELECT members, count(*) AS own FROM (SELECT members, unnest(members) AS id FROM best) SEMI JOIN peers USING (id) GROUP BY members),
common AS (SELECT (SELECT count(DISTINCT id) FROM (SELECT unnest(members) AS id FROM best) SEMI JOIN peers USING (id)) AS hits, (SELECT count(*) FROM peers) AS others_n),
judged AS (
  SELECT best.*, others(hits, others_n, coalesce(own, 0)) AS share, commonness(hits, others_n, coalesce(own, 0), weight := greatest(1, coalesce(own, 0))) AS common FROM best LEFT JOIN hit USING (members) CROSS JOIN common
)
SELECT array_to_string(members, ' > ') AS key, least(1, 0.6 + 0.1 * (times - 1) + 0.3 * (c.last / c.first - $kept) / (1.01 - $kept)) * ramp(common, 0.15, 0.03) AS strength, c.rows AS rows,
  array_to_string(list_append(c.accounts, c.origin), ' > ') AS way, c.origin AS origin, c.began AS began, c.first AS first, c.last AS last, len(members) AS k, c.t - c.began AS length, c.last / c.first AS ratio, share
FROM judged
WHERE common < 0.15
ORDER BY key
