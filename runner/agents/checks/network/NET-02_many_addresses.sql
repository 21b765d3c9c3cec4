-- id: NET-02
-- version: 5
-- title: Many IP addresses on one account
-- description: The account appears from many IP addresses within the window, where accounts of this file keep to few. Counts half where it uses one device in all of them, and a third where
--   its coordinates do not move: a traveller, or a VPN.
-- needs: account, event_time, ip_address
-- group: country
-- unit: entity
-- weight: 0.2
-- baseline: peers in the file, and how often accounts of the file change their address; fixed limit
-- reference: tirreno: more than 9 IP addresses
-- param: many | Addresses that are still ordinary | 9 | 2 | 200 | addresses | tirreno: more than 9 IP addresses
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- sentence: Account {account:text} used {k:int} addresses within {length:span} in {n:int} event{n:s} from {first_at:time} on (many are more than {$many:int}); {share:few} of the comparable accounts use as many, and an account changes its address from one event to the next in {switching:few} of the cases.
WITH e AS (
  SELECT subject, ip_address AS item, device_id, latitude, longitude, t, row, row_key, mine, peer, in_scope FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND ip_address IS NOT NULL
),
judged AS (FROM variety('e', CAST($days * 86400 AS BIGINT)) WHERE strange > 0 AND k > $many),
devices AS (
  SELECT subject, count(DISTINCT device_id) AS devices, coalesce(count(latitude) > count(*) / 2 AND stddev_pop(latitude) < 0.5 AND stddev_pop(longitude) < 0.5, false) AS still
  FROM judged JOIN e USING (subject) WHERE e.t BETWEEN last_at - $days * 86400 AND last_at GROUP BY subject
)
SELECT subject AS key, strange * CASE WHEN still THEN 0.33 WHEN devices = 1 THEN 0.5 ELSE 1 END AS strength, rows, subject AS account, k, n, first_at, length, share, switching
FROM judged JOIN devices USING (subject)
ORDER BY key
