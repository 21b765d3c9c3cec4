-- id: NET-08
-- version: 3
-- title: Guessing from many addresses of one network
-- description: From several addresses of one network (IPv4 /24, IPv6 /48) or one provider (ASN) many accounts are tried within minutes, and nearly every try fails: stolen passwords
--   are being tested by turns. For an account that was tried in vain it counts four tenths: it is a target, and nobody got in.
-- needs: account, event_time, ip_address, status
-- times: minute
-- group: credentials
-- unit: entity
-- weight: 0.5
-- baseline: fixed limits; how common such networks and providers are in the file
-- reference: pattern of rotating addresses; numbers ours
-- strengths: row
-- param: accounts | Fewest accounts | 10 | 3 | 1000 | accounts | ours
-- param: addresses | Fewest addresses | 3 | 2 | 1000 | addresses | ours
-- param: minutes | Length of the window | 30 | 1 | 1440 | min | ours
-- param: failed | Smallest share of failures | 0.8 | 0.5 | 1 | share | ours
-- unless: no_values | FROM untold('events', 'login')
-- unless: no_values | SELECT 'none of the rows in question is a log-in that worked or failed' WHERE NOT EXISTS (FROM own WHERE ip_address IS NOT NULL AND status_ok IS NOT NULL AND coalesce(login, amount IS NULL))
-- sentence: From {places:int} addresses of {item:text}, {k:int} accounts were tried within {length:span} from {first_at:time} on; {bad:int} of {n:int} tries failed ({ratio:pct}, limit {$failed:pct}).
WITH tries AS (
  SELECT subject, ip_address, t, row, row_key, status_ok, in_scope, unnest([network(ip_address), 'AS' || regexp_replace(trim(asn), '^(?i:as)', '')]) AS item FROM events
  WHERE t IS NOT NULL AND subject IS NOT NULL AND ip_address IS NOT NULL AND status_ok IS NOT NULL AND coalesce(login, amount IS NULL)
),
asked AS (SELECT DISTINCT unnest([network(ip_address), 'AS' || regexp_replace(trim(asn), '^(?i:as)', '')]) AS item FROM own WHERE ip_address IS NOT NULL),
e AS (
  SELECT tries.*, asked.item IS NOT NULL AS mine, hash(tries.item) % $peer_of = 0 AS peer FROM tries LEFT JOIN asked ON asked.item = tries.item
  WHERE tries.item IS NOT NULL AND (asked.item IS NOT NULL OR hash(tries.item) % $peer_of = 0)
),
busy AS (SELECT item FROM e WHERE NOT status_ok GROUP BY item HAVING count(DISTINCT subject) >= $accounts AND count(DISTINCT ip_address) >= $addresses),
counts AS (
  SELECT e.*, count(*) OVER w AS n, count(*) FILTER (NOT status_ok) OVER w AS bad, count(DISTINCT subject) OVER w AS k, count(DISTINCT ip_address) OVER w AS places
  FROM e SEMI JOIN busy USING (item) WINDOW w AS (PARTITION BY item ORDER BY t RANGE BETWEEN CAST($minutes * 60 AS BIGINT) PRECEDING AND CURRENT ROW)
),
run AS (SELECT *, subject AS who, CASE WHEN k >= $accounts AND places >= $addresses AND bad >= $failed * n THEN {'k': k, 'bad': bad, 'places': places} END AS size FROM counts),
seen AS MATERIALIZED (FROM fullest('run', CAST($minutes * 60 AS BIGINT))),
best AS (SELECT DISTINCT item, best.at AS last_at, mine, peer, unnest(best.size) FROM seen WHERE best IS NOT NULL),
common AS (SELECT (SELECT count(DISTINCT item) FROM run WHERE peer AND size IS NOT NULL) AS hits, (SELECT count(DISTINCT item) FROM e WHERE peer) AS others_n),
fired AS (
  SELECT best.*, row_number() OVER (PARTITION BY item ORDER BY k DESC, bad DESC, last_at DESC) AS place,
    least(1, 0.6 + 0.4 * (k - $accounts) / $accounts) * ramp(commonness(hits, others_n, peer::INT), 0.5, 0.1) AS strength FROM best CROSS JOIN common WHERE mine
)
SELECT fired.item || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  list((coalesce(e.best.at = last_at, false)::INT * CASE WHEN status_ok THEN strength ELSE 0.4 * strength END)::DOUBLE ORDER BY e.t, e.row_key) AS strengths, fired.item AS item, any_value(fired.k) AS k, any_value(fired.places) AS places, count(*) AS n,
  count(*) FILTER (NOT status_ok) AS bad, avg((NOT status_ok)::INT) AS ratio, min(e.t) AS first_at, max(e.t) - min(e.t) AS length
FROM fired JOIN seen e ON e.item = fired.item AND e.t BETWEEN fired.last_at - $minutes * 60 AND fired.last_at
WHERE strength > 0
GROUP BY fired.item, last_at
ORDER BY key
