-- id: DEV-01
-- version: 6
-- title: Device shared by accounts
-- description: Several accounts appear on one device within the window, where devices of this file belong to one account. Of a device of very many accounts only those count that are seen nowhere else: customers of a kiosk have devices of their own.
--   So do victims of a takeover: where more accounts than are certainly too many come to a device on one day, and are gone within a day, they count as if they were seen nowhere else.
-- needs: account, event_time, device_id
-- group: identifier-sharing
-- unit: entity
-- weight: 0.55
-- baseline: devices of the file, and how often the account changes on one device; fixed limit
-- reference: identity-link practice: 3 accounts review, 5 strong
-- strengths: row
-- param: strong | Accounts that are certainly too many | 5 | 2 | 1000 | accounts | identity-link practice: 3 accounts review, 5 strong
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- param: hub | Accounts from which on it may be a public device | 50 | 3 | 100000 | accounts | ours; Neo4j: leave out hubs
-- unless: too_large | SELECT 'device ' || any_value(device_id) || ' is used by more than half of the accounts of the file: it tells nothing of one of them' FROM (
--   SELECT device_id, count(DISTINCT subject) AS k FROM events WHERE device_id IN (SELECT device_id FROM own) AND subject IS NOT NULL GROUP BY device_id HAVING k > 1)
--   HAVING min(k) > 20 AND 2 * min(k) > (SELECT count(DISTINCT subject) FROM events WHERE device_id IS NOT NULL)
-- sentence: Device {item:text} was used by {k:int} accounts within {length:span} from {first_at:time} on, {only_here:few} of them seen only there[, {brief:int} of them within 24 h of one another and for less than a day]; {share:few} of the file's pairs of account and device are on one shared as much.
WITH asked AS (SELECT DISTINCT device_id AS item FROM own WHERE device_id IS NOT NULL),
e AS (
  SELECT subject, device_id AS item, t, row, row_key, in_scope, asked.item IS NOT NULL AS mine, hash(device_id) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON device_id = asked.item
  WHERE t IS NOT NULL AND subject IS NOT NULL AND device_id IS NOT NULL AND (asked.item IS NOT NULL OR hash(device_id) % $peer_of = 0)
),
everywhere AS (SELECT subject, device_id AS item FROM events WHERE device_id IS NOT NULL AND subject IS NOT NULL),
told AS (
  SELECT *, greatest(only_here, ramp(at_once, $strong, 2 * $strong) * ramp(at_once / k, 0.25, 0.75)) AS strangers
  FROM sharing('e', 'everywhere', CAST($days * 86400 AS BIGINT), $strong, $hub)
),
graded AS (
  SELECT *, strange * CASE WHEN public THEN strangers ELSE 0.25 + 0.75 * strangers END * CASE WHEN k <= $strong THEN 0.65 * (k - 1) / ($strong - 1) ELSE least(1, 0.65 + 0.35 * (k - $strong) / (2 * $strong)) END AS strength FROM told
)
SELECT key, strength, rows, list_transform(held, lambda one: (one * strength)::DOUBLE) AS strengths, item, k, first_at, length, share, only_here, CASE WHEN strangers > only_here THEN at_once END AS brief
FROM graded WHERE strength > 0
ORDER BY key
