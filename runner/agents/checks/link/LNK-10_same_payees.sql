-- id: LNK-10
-- version: 2
-- title: The same few paid by the same few
-- description: Within days several accounts each pay the same several others: one layer of a scheme, money split and mixed between hands. Two such layers on one another are a stack. Accounts that very
--   many pay, such as shops and utilities, are left out.
-- needs: account, event_time, amount, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.4
-- baseline: how many of the file's payers are in such a group; fixed limits
-- reference: AMLSim: bipartite, stack
-- param: many | Fewest payers, and fewest whom all of them pay | 3 | 2 | 100 | accounts | AMLSim: 3
-- param: days | Length of the window | 7 | 1 | 60 | days | ours
-- param: hub | Payers from which on it is taken for a shop or a utility | 50 | 3 | 10000 | accounts | Neo4j: hubs of degree 50
-- unless: too_large | SELECT 'the accounts in question have ' || pairs || ' pairs of payments to one account, more than can be compared' FROM (
--   SELECT sum(n)::HUGEINT AS pairs FROM (SELECT counterparty_id AS id, count(*) AS n FROM flows WHERE amount > 0 GROUP BY ALL HAVING count(DISTINCT subject) BETWEEN 2 AND $hub) SEMI JOIN own ON own.counterparty_id = id) WHERE pairs > 50000000
-- sentence: {payers:int} accounts, {from:text}, each paid at least {$many:int} of the same {payees:int}, {to:text}, within {length:span} from {began:time} on, {sum:money} in all, {within:pct} of what the ones pay or the others are paid then; {share:few} of the file's other payers are in such a group.
WITH flow AS (
  SELECT subject AS a, counterparty_id AS b, amount::DOUBLE AS amount, coalesce(currency, '') AS currency, t, row, row_key FROM flows WHERE subject != counterparty_id AND amount > 0 AND t IS NOT NULL AND paid
),
edge AS MATERIALIZED (SELECT flow.* FROM flow SEMI JOIN (SELECT b FROM flow GROUP BY b HAVING count(DISTINCT a) BETWEEN 2 AND $hub) s ON s.b = flow.b),
asked AS (SELECT DISTINCT subject AS a FROM own WHERE subject IS NOT NULL),
root AS (
  SELECT edge.*, asked.a IS NOT NULL AS mine, hash(edge.a) % $peer_of = 0 AS peer FROM edge LEFT JOIN asked ON asked.a = edge.a WHERE asked.a IS NOT NULL OR hash(edge.a) % $peer_of = 0
),
-- who pays the same as a root, near in time
met AS MATERIALIZED (
  SELECT DISTINCT r.a AS root, r.mine, r.peer, o.a AS other, r.b FROM root r JOIN edge o ON o.b = r.b AND o.a != r.a AND o.currency = r.currency AND abs(o.t - r.t) <= $days * 86400
),
tie AS (SELECT root, other FROM met GROUP BY ALL HAVING count(*) >= $many),
-- what enough of them pay
common_b AS (SELECT root, any_value(mine) AS mine, any_value(peer) AS peer, b, count(*) + 1 AS payers FROM met SEMI JOIN tie ON tie.root = met.root AND tie.other = met.other GROUP BY root, b HAVING count(*) + 1 >= $many),
group_of AS (
  SELECT root, any_value(mine) AS mine, any_value(peer) AS peer, list_sort(list(b)) AS payees FROM common_b GROUP BY root HAVING count(*) >= $many
),
common AS (SELECT (SELECT count(*) FROM group_of WHERE peer) AS hits, (SELECT count(DISTINCT hash_a) FROM (SELECT subject AS hash_a FROM cohort WHERE peer AND counterparty_id IS NOT NULL AND amount > 0)) AS others_n),
-- and who pays enough of that
pair AS (
  SELECT g.root, g.payees, m.other FROM group_of g JOIN met m ON m.root = g.root AND list_contains(g.payees, m.b) WHERE g.mine GROUP BY ALL HAVING count(*) >= $many
),
member AS (SELECT root, payees, list_sort(list_append(list(other), root)) AS payers FROM pair GROUP BY root, payees HAVING count(*) + 1 >= $many),
-- one finding a group: payers that see the same group are of one
distinct_group AS (SELECT min(root) AS root, payers, payees FROM member GROUP BY payers, payees),
paying AS (
  SELECT d.root, e.row, e.row_key, e.t, e.amount, e.a FROM (SELECT root, unnest(payers) AS a, payees FROM distinct_group) d JOIN edge e ON e.a = d.a AND list_contains(d.payees, e.b)
),
own_times AS (SELECT root, min(t) FILTER (a = root) AS first_at, max(t) FILTER (a = root) AS last_at FROM paying GROUP BY root),
shown AS (SELECT paying.* FROM paying JOIN own_times USING (root) WHERE t BETWEEN first_at - $days * 86400 AND last_at + $days * 86400),
span AS (SELECT root, min(t) AS first_at, max(t) AS last_at, count(*) AS n FROM shown GROUP BY root),
-- how much of what these pay in that time goes to these, and of what those are paid comes from them: people who shop at the same places pay elsewhere, too
closed AS (
  SELECT d.root, any_value(span.n) / greatest(count(*) FILTER (list_contains(d.payers, flow.a)), count(*) FILTER (list_contains(d.payees, flow.b))) AS within
  FROM distinct_group d JOIN span USING (root) JOIN flow ON flow.t BETWEEN span.first_at AND span.last_at AND (list_contains(d.payers, flow.a) OR list_contains(d.payees, flow.b)) GROUP BY d.root
),
fired AS (
  SELECT d.*, within, others(hits, others_n, len(payers)) AS share,
    least(1, 0.5 + 0.1 * (least(len(payers), len(payees)) - $many)) * ramp(within, 0.3, 0.7) * ramp(commonness(hits, others_n, len(payers)), 0.1, 0.02) AS strength
  FROM distinct_group d JOIN closed USING (root) CROSS JOIN common
)
SELECT fired.root AS key, any_value(strength) AS strength, list(shown.row ORDER BY shown.t, shown.row_key) AS rows, any_value(len(fired.payers)) AS payers, any_value(len(fired.payees)) AS payees,
  any_value(list_aggregate(fired.payers[:4], 'string_agg', ', ') || CASE WHEN len(fired.payers) > 4 THEN ' …' ELSE '' END) AS "from", any_value(list_aggregate(fired.payees[:4], 'string_agg', ', ') || CASE WHEN len(fired.payees) > 4 THEN ' …' ELSE '' END) AS "to",
  min(shown.t) AS began, max(shown.t) - min(shown.t) AS length, round(sum(shown.amount), 4) AS sum, any_value(within) AS within, any_value(share) AS share
FROM fired JOIN shown ON shown.root = fired.root
WHERE strength > 0
GROUP BY fired.root
ORDER BY key
