-- id: NET-06
-- version: 5
-- title: Sign-ups in a row from one network
-- description: Within a day many accounts sign up that are used from one network of 256 neighbouring addresses (IPv4 /24).
-- needs: account, signup_time, ip_address
-- times: hour
-- group: ip-sharing
-- unit: entity
-- weight: 0.3
-- baseline: networks of the file; fixed limit
-- reference: 5 sign-ups in 24 h from one /24
-- strengths: row
-- param: many | Sign-ups that are many | 5 | 3 | 1000 | accounts | ours
-- param: hours | Length of the window | 24 | 1 | 720 | h | ours
-- param: hub | Accounts from which on it is taken for a carrier's network | 500 | 10 | 100000 | accounts | ours
-- unless: too_large | SELECT 'network ' || min(net) || '.0/24 is used by ' || max(k) || ' accounts and taken for a carrier''s (limit ' || $hub::INT || ')' FROM (
--   SELECT regexp_extract(ip_address, '^(\d+\.\d+\.\d+)\.\d+$', 1) AS net, count(DISTINCT subject) AS k FROM events WHERE subject IS NOT NULL AND signup_time IS NOT NULL
--     AND regexp_extract(ip_address, '^(\d+\.\d+\.\d+)\.\d+$', 1) IN (SELECT regexp_extract(ip_address, '^(\d+\.\d+\.\d+)\.\d+$', 1) FROM own WHERE ip_address LIKE '%.%.%.%') AND ip_address LIKE '%.%.%.%' GROUP BY net) HAVING min(k) > $hub
-- sentence: {k:int} accounts used from network {net:text}.0/24 signed up within {length:span} from {first_at:time} on (limit {$many:int} in {$hours:int} h); {share:few} of the file's accounts are in such a network.
WITH e AS (
  SELECT subject, regexp_extract(ip_address, '^(\d+\.\d+\.\d+)\.\d+$', 1) AS net, floor(epoch(signup_time))::BIGINT AS s, row, row_key, t, in_scope FROM events
  WHERE subject IS NOT NULL AND ip_address IS NOT NULL AND signup_time IS NOT NULL AND ip_address LIKE '%.%.%.%'
),
asked AS (SELECT DISTINCT net FROM e WHERE subject IN (SELECT subject FROM own) AND net != ''),
seen AS (
  SELECT e.net, subject, min(s) AS s, bool_or(in_scope) AS in_scope, bool_or(asked.net IS NOT NULL) AS mine, bool_or(hash(e.net) % $peer_of = 0) AS peer
  FROM e LEFT JOIN asked ON e.net = asked.net WHERE e.net != '' AND (asked.net IS NOT NULL OR hash(e.net) % $peer_of = 0) GROUP BY ALL
),
counts AS (
  SELECT seen.* RENAME (s AS t, net AS item, subject AS who), count(*) OVER w AS k, count(*) OVER (PARTITION BY net) AS ever FROM seen
  WINDOW w AS (PARTITION BY net ORDER BY s RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW)
),
run AS (SELECT *, CASE WHEN k >= $many AND ever <= $hub THEN k END AS size FROM counts),
told AS MATERIALIZED (FROM fullest('run', CAST($hours * 3600 AS BIGINT))),
best AS (SELECT DISTINCT item AS net, best.at AS last_at, best.size AS k, mine, peer, ever FROM told WHERE best IS NOT NULL),
counted AS (SELECT k, sum(ever) AS pairs FROM (SELECT max(k) AS k, any_value(ever) AS ever FROM run WHERE peer GROUP BY item) GROUP BY k),
ladder AS (SELECT asked.k, coalesce(sum(pairs) FILTER (counted.k >= asked.k), 0) AS hits, coalesce(sum(pairs), 0) AS n FROM (SELECT DISTINCT k FROM best) asked CROSS JOIN counted GROUP BY asked.k),
fired AS (
  SELECT best.*, row_number() OVER (PARTITION BY net ORDER BY k DESC, last_at DESC) AS place, others(hits, ladder.n, ever * peer::INT) AS share,
    least(1, k / (2 * $many)) * ramp(commonness(hits, ladder.n, ever * peer::INT), 0.2, 0.05) AS strength
  FROM best JOIN ladder USING (k) WHERE mine
)
SELECT fired.net || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  list((coalesce(told.best.at = last_at, false)::INT * strength)::DOUBLE ORDER BY e.t, e.row_key) AS strengths, fired.net AS net, any_value(fired.k) AS k,
  min(e.s) AS first_at, max(e.s) - min(e.s) AS length, any_value(share) AS share
FROM fired JOIN e ON e.net = fired.net AND e.s BETWEEN fired.last_at - $hours * 3600 AND fired.last_at LEFT JOIN told ON told.item = e.net AND told.who = e.subject
WHERE strength > 0
GROUP BY fired.net, last_at
ORDER BY key
