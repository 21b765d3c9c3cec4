-- id: LNK-05
-- version: 3
-- title: Scattered and gathered
-- description: One account pays several others, and within days these pay the same account on: money is split to hide where it goes.
-- needs: account, event_time, amount, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.45
-- baseline: pairs of accounts of the file that have common middlemen; fixed limits
-- reference: AMLSim: scatter-gather, gather-scatter, bipartite
-- param: middle | Fewest middlemen | 3 | 2 | 1000 | accounts | AMLSim: 3
-- param: days | Longest time at a middleman | 7 | 1 | 60 | days | ours
-- unless: too_large | SELECT 'around the accounts in question there are ' || pairs || ' pairs of a payment in and one on, more than can be followed' FROM (
--   SELECT sum(came * went)::HUGEINT AS pairs FROM (SELECT id, count(*) FILTER (inward) AS came, count(*) FILTER (NOT inward) AS went FROM (
--   SELECT counterparty_id AS id, true AS inward FROM flows WHERE amount > 0 UNION ALL SELECT subject, false FROM flows WHERE amount > 0 AND counterparty_id IS NOT NULL) GROUP BY id)
--   WHERE id IN (SELECT subject FROM own UNION SELECT counterparty_id FROM own)) WHERE pairs > 100000000
-- sentence: {from:text} paid {to:text} through {k:int} accounts within {length:span} from {began:time} on: {out_sum:money} out, {in_sum:money} in, by {examples:text}; {share:few} of such pairs have as many middlemen.
WITH flow AS (
  SELECT subject AS a, counterparty_id AS b, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row, row_key FROM flows
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND subject != counterparty_id AND amount > 0 AND t IS NOT NULL AND paid
),
-- the middlemen of public utilities are no middlemen
degree AS (SELECT id FROM (SELECT a AS id, count(DISTINCT b) AS n FROM flow GROUP BY a UNION ALL SELECT b, count(DISTINCT a) FROM flow GROUP BY b) GROUP BY id HAVING max(n) > 200),
edge AS MATERIALIZED (SELECT * FROM flow WHERE a NOT IN (SELECT id FROM degree) AND b NOT IN (SELECT id FROM degree)),
asked AS (SELECT subject AS id FROM own WHERE subject IS NOT NULL UNION SELECT counterparty_id FROM own WHERE counterparty_id IS NOT NULL),
-- pairs of payments in and on that could be of one sum: those that touch an asked account, and those that begin at a peer
paid AS MATERIALIZED (SELECT * FROM edge SEMI JOIN asked ON asked.id = edge.a),
got AS MATERIALIZED (SELECT * FROM edge SEMI JOIN asked ON asked.id = edge.b),
peer AS MATERIALIZED (SELECT * FROM edge WHERE hash(a) % ($peer_of * 4 - 3) = 0),
wanted AS MATERIALIZED (
  SELECT i.a, o.b FROM paid i JOIN edge o ON o.a = i.b AND o.currency = i.currency AND o.b != i.a AND o.t >= i.t AND o.t <= i.t + $days * 86400 AND o.amount BETWEEN 0.5 * i.amount AND 1.05 * i.amount
  UNION SELECT i.a, o.b FROM got i JOIN paid o ON o.a = i.b AND o.currency = i.currency AND o.b != i.a AND o.t >= i.t AND o.t <= i.t + $days * 86400 AND o.amount BETWEEN 0.5 * i.amount AND 1.05 * i.amount
  UNION SELECT i.a, o.b FROM edge i JOIN got o ON o.a = i.b AND o.currency = i.currency AND o.b != i.a AND o.t >= i.t AND o.t <= i.t + $days * 86400 AND o.amount BETWEEN 0.5 * i.amount AND 1.05 * i.amount
),
pair AS MATERIALIZED (SELECT i.a, o.b, count(DISTINCT i.b) AS k FROM peer i JOIN edge o ON o.a = i.b AND o.currency = i.currency AND o.b != i.a AND o.t >= i.t AND o.t <= i.t + $days * 86400 AND o.amount BETWEEN 0.5 * i.amount AND 1.05 * i.amount GROUP BY i.a, o.b),
-- all of the first legs of those pairs, then what could be the second
first_leg AS MATERIALIZED (SELECT edge.* FROM edge SEMI JOIN (SELECT DISTINCT a FROM wanted) w ON w.a = edge.a),
second_leg AS MATERIALIZED (SELECT edge.* FROM edge SEMI JOIN (SELECT DISTINCT b FROM wanted) w ON w.b = edge.b SEMI JOIN (SELECT DISTINCT b FROM first_leg) m ON m.b = edge.a),
whole AS MATERIALIZED (
  SELECT i.a, i.b AS m, o.b, i.amount AS came, o.amount AS went, i.t AS t_in, o.t AS t_out, i.row AS row_in, o.row AS row_out
  FROM first_leg i JOIN second_leg o ON o.a = i.b AND o.currency = i.currency AND o.b != i.a AND o.t >= i.t AND o.t <= i.t + $days * 86400 AND o.amount BETWEEN 0.5 * i.amount AND 1.05 * i.amount SEMI JOIN wanted ON wanted.a = i.a AND wanted.b = o.b
),
counted AS (SELECT a, b, count(DISTINCT m) AS k FROM whole GROUP BY a, b HAVING count(DISTINCT m) >= $middle),
ladder AS (SELECT k, (SELECT count(*) FROM pair WHERE pair.k >= counted.k) AS hits, (SELECT count(*) FROM pair) AS others_n FROM (SELECT DISTINCT k FROM counted) counted),
fired AS (
  SELECT counted.*, others(hits, others_n, (hash(a) % ($peer_of * 4 - 3) = 0)::INT) AS share,
    least(1, 0.5 + 0.1 * (k - $middle)) * ramp(commonness(hits, others_n, (hash(a) % ($peer_of * 4 - 3) = 0)::INT), 0.05, 0.01) AS strength FROM counted JOIN ladder USING (k)
),
leg AS (
  SELECT a, b, row_in AS row, true AS way, any_value(came) AS amount, any_value(t_in) AS t, min(m) AS m FROM whole SEMI JOIN fired USING (a, b) GROUP BY a, b, row_in
  UNION ALL SELECT a, b, row_out, false, any_value(went), any_value(t_out), min(m) FROM whole SEMI JOIN fired USING (a, b) GROUP BY a, b, row_out
)
SELECT fired.a || ' to ' || fired.b AS key, any_value(strength) AS strength, list(leg.row ORDER BY leg.t, r.row_key) AS rows, fired.a AS "from", fired.b AS "to", any_value(fired.k) AS k,
  max(leg.t) - min(leg.t) AS length, min(leg.t) AS began, round(sum(leg.amount) FILTER (way), 4) AS out_sum, round(sum(leg.amount) FILTER (NOT way), 4) AS in_sum, list_sort(list(DISTINCT leg.m))[:5] AS examples, any_value(share) AS share
FROM fired JOIN leg USING (a, b) JOIN events r ON r.row = leg.row
WHERE strength > 0
GROUP BY fired.a, fired.b
ORDER BY key
