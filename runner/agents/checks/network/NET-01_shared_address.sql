-- id: NET-01
-- version: 4
-- title: IP address shared by accounts
-- description: Several accounts appear from one IP address within the window, where addresses of this file belong to one account. Of an address of very many accounts only those count that are seen nowhere else: those behind an office or a mobile gateway have other addresses, too.
-- needs: account, event_time, ip_address
-- group: ip-sharing
-- unit: entity
-- weight: 0.36
-- baseline: addresses of the file, and how often the account changes on one address; fixed limit
-- reference: ours; coss and Radar count 10 an hour or a day at large shops
-- strengths: row
-- param: strong | Accounts that are certainly too many | 5 | 2 | 1000 | accounts | ours; coss and Radar count 10 an hour or a day at large shops
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- param: hub | Accounts from which on it may be a public address | 50 | 3 | 100000 | accounts | ours; Neo4j: leave out hubs
-- unless: too_large | SELECT 'address ' || any_value(ip_address) || ' is used by more than half of the accounts of the file: it tells nothing of one of them' FROM (
--   SELECT ip_address, count(DISTINCT subject) AS k FROM events WHERE ip_address IN (SELECT ip_address FROM own) AND subject IS NOT NULL GROUP BY ip_address HAVING k > 1)
--   HAVING min(k) > 20 AND 2 * min(k) > (SELECT count(DISTINCT subject) FROM events WHERE ip_address IS NOT NULL)
-- sentence: Address {item:text} was used by {k:int} accounts within {length:span} from {first_at:time} on, {only_here:few} of them seen only there; {share:few} of the file's pairs of account and address are on one shared as much.
WITH asked AS (SELECT DISTINCT ip_address AS item FROM own WHERE ip_address IS NOT NULL),
e AS (
  SELECT subject, ip_address AS item, t, row, row_key, in_scope, asked.item IS NOT NULL AS mine, hash(ip_address) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON ip_address = asked.item
  WHERE t IS NOT NULL AND subject IS NOT NULL AND ip_address IS NOT NULL AND (asked.item IS NOT NULL OR hash(ip_address) % $peer_of = 0)
),
everywhere AS (SELECT subject, ip_address AS item FROM events WHERE ip_address IS NOT NULL AND subject IS NOT NULL),
graded AS (
  SELECT *, strange * CASE WHEN public THEN only_here ELSE 0.5 + 0.5 * only_here END * least(1, (k - 1) / greatest(1, $strong - 1)) AS strength
  FROM sharing('e', 'everywhere', CAST($days * 86400 AS BIGINT), $strong, $hub)
)
SELECT key, strength, rows, list_transform(held, lambda one: (one * strength)::DOUBLE) AS strengths, item, k, first_at, length, share, only_here
FROM graded WHERE strength > 0
ORDER BY key
