-- id: NET-06
-- version: 1
-- title: Sign-ups in a row from one network
-- description: Within a day many accounts sign up that are used from one network of 256 neighbouring addresses (IPv4 /24).
-- needs: account, signup_time, ip_address
-- group: ip-sharing
-- unit: entity
-- weight: 0.3
-- baseline: networks of the file; fixed limit
-- reference: 5 sign-ups in 24 h from one /24
-- param: many | Sign-ups that are many | 5 | 3 | 1000 | accounts | ours
-- param: hours | Length of the window | 24 | 1 | 720 | h | ours
-- param: hub | Accounts from which on it is taken for a carrier's network | 500 | 10 | 100000 | accounts | ours
-- sentence: {k:int} accounts used from network {net:text}.0/24 signed up within {length:span} from {first_at:time} on (limit {$many:int} in {$hours:int} h); {share:pct} of the file's accounts are in such a network.
WITH e AS (
  SELECT subject, regexp_extract(ip_address, '^(\d+\.\d+\.\d+)\.\d+$', 1) AS net, epoch(signup_time)::BIGINT AS s, row, row_key, t FROM events
  WHERE subject IS NOT NULL AND ip_address IS NOT NULL AND signup_time IS NOT NULL AND ip_address LIKE '%.%.%.%'
),
asked AS (SELECT DISTINCT net FROM e WHERE subject IN (SELECT subject FROM own) AND net != ''),
seen AS (
  SELECT e.net, subject, min(s) AS s, bool_or(asked.net IS NOT NULL) AS mine, bool_or(hash(e.net) % $peer_of = 0) AS peer
  FROM e LEFT JOIN asked ON e.net = asked.net WHERE e.net != '' AND (asked.net IS NOT NULL OR hash(e.net) % $peer_of = 0) GROUP BY ALL
),
run AS (
  SELECT *, count(*) OVER (PARTITION BY net ORDER BY s RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW) AS k, count(*) OVER (PARTITION BY net) AS ever FROM seen
),
peak AS (SELECT net, bool_or(mine) AS mine, bool_or(peer) AS peer, max(k) AS k, any_value(ever) AS ever, arg_max(s, (k, s)) AS last_at FROM run GROUP BY net),
ladder AS (
  SELECT k, sum(sum(ever) FILTER (peer)) OVER (ORDER BY k DESC) / nullif(sum(sum(ever) FILTER (peer)) OVER (), 0) AS share FROM peak GROUP BY k
),
fired AS (
  SELECT peak.*, coalesce(share, 0) AS share, least(1, k / (2 * $many)) * least(1, greatest(0, (0.2 - coalesce(share, 0)) / 0.15)) AS strength
  FROM peak JOIN ladder USING (k) WHERE mine AND k >= $many AND ever <= $hub
)
SELECT fired.net AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.net AS net, any_value(fired.k) AS k,
  min(e.s) AS first_at, max(e.s) - min(e.s) AS length, any_value(share) AS share
FROM fired JOIN e ON e.net = fired.net AND e.s BETWEEN fired.last_at - $hours * 3600 AND fired.last_at
WHERE strength > 0
GROUP BY fired.net
ORDER BY key
