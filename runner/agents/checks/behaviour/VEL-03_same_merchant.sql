-- id: VEL-03
-- version: 4
-- title: Same merchant again and again
-- description: The account pays the same merchant several times within 24 hours, closer together than chance brings and more often than peers do. Where so many pairs bring one such by chance, it counts a third.
-- needs: account, event_time, merchant_id
-- times: hour
-- group: velocity
-- unit: pair
-- weight: 0.3
-- baseline: the pair's own payments spread evenly over the file's days, by the time that they lie apart; peers in the file; fixed limit
-- reference: Jube (more than 5 a day at the same merchant)
-- param: per_day | Payments a day above which it counts in full; fewer count less | 5 | 1 | 100 | payments | Jube: more than 5 a day
-- unless: no_baseline | SELECT 'the accounts of this file are its merchants' WHERE NOT EXISTS (FROM own WHERE subject IS NOT NULL AND merchant_id IS NOT NULL AND subject != merchant_id)
-- sentence: Account {account:text} paid merchant {merchant:text} {n:int} times within {length:span} from {first_at:time} on; {share:few} of the comparable pairs of account and merchant reach as many, and the odds of that by chance are {p:odds}.
WITH e AS (
  SELECT subject, merchant_id, t, row, row_key, mine, peer, count(*) OVER w AS n, bool_or(in_scope) OVER w AS scoped, t - min(t) OVER w AS length, count(*) OVER (PARTITION BY subject, merchant_id) AS own_n
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND merchant_id IS NOT NULL AND paid AND coalesce(amount > 0, true) AND NOT came
  WINDOW w AS (PARTITION BY subject, merchant_id ORDER BY t RANGE BETWEEN 86400 PRECEDING AND CURRENT ROW)
),
peak AS (
  SELECT subject, merchant_id, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(n, (scoped, n, t)) AS n, any_value(own_n) AS own_n, arg_max(t, (scoped, n, t)) AS last_at, arg_max(length, (scoped, n, t)) AS length
  FROM e GROUP BY ALL
),
ladder AS (
  SELECT n, sum(count(*) FILTER (peer)) OVER (ORDER BY n DESC) AS hits, sum(count(*) FILTER (peer)) OVER () AS others_n
  FROM peak GROUP BY n
),
span AS (SELECT greatest(1, max(t) - min(t)) AS seconds FROM events),
judged AS (
  SELECT peak.*, others(hits, others_n, peer::INT) AS share, commonness(hits, others_n, peer::INT) AS common, greatest(1e-9, (own_n - 1) * least(1, greatest(60, length) / seconds)) AS expected
  FROM peak JOIN ladder USING (n) CROSS JOIN span WHERE mine AND n > 1
),
-- log10 of the chance that the pair's payments, spread over the file, fall so close together: the Poisson tail
scored AS (
  SELECT *, CASE WHEN n - 1 <= expected THEN 0 ELSE least(0, log10(own_n) + poisson_tail(n - 1, expected)) END AS log_p
  FROM judged
),
tried AS (SELECT greatest(1, count(*) FILTER (peer AND own_n > 1) * $peer_of) AS pairs FROM peak),
fired AS (
  SELECT *, least(1, (n - 1) / $per_day) * (1 + 2 * ramp(-log_p - log10(pairs), 0, 1.5)) / 3 * rare(common) * CASE WHEN log_p > log10(0.05) THEN 0 ELSE ramp(-log_p, 0.5, 2) END AS strength FROM scored CROSS JOIN tried
)
SELECT fired.subject || ' at ' || fired.merchant_id AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.subject AS account, fired.merchant_id AS merchant, any_value(fired.n) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  any_value(share) AS share, pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.merchant_id = fired.merchant_id AND e.t BETWEEN fired.last_at - 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject, fired.merchant_id
ORDER BY key
