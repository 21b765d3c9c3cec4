-- id: DEV-01
-- version: 2
-- title: Device shared by accounts
-- description: Several accounts appear on one device within the window, where devices of this file belong to one account. Kiosks (devices of very many accounts) are left out.
-- needs: account, event_time, device_id
-- group: identifier-sharing
-- unit: entity
-- weight: 0.55
-- baseline: devices of the file, and how often the account changes on one device; fixed limit
-- reference: identity-link practice: 3 accounts review, 5 strong
-- param: strong | Accounts that are certainly too many | 5 | 2 | 1000 | accounts | identity-link practice: 3 accounts review, 5 strong
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- param: hub | Accounts from which on it is taken for a public device | 50 | 3 | 100000 | accounts | ours; Neo4j: leave out hubs
-- sentence: Device {item:text} was used by {k:int} accounts within {length:span} from {first_at:time} on, {only_here:pct} of them seen nowhere else; {share:pct} of the file's pairs of account and device are on one shared as much.
WITH asked AS (SELECT DISTINCT device_id AS item FROM own WHERE device_id IS NOT NULL),
e AS (
  SELECT subject, device_id AS item, t, row, row_key, asked.item IS NOT NULL AS mine, hash(device_id) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON device_id = asked.item
  WHERE t IS NOT NULL AND subject IS NOT NULL AND device_id IS NOT NULL AND (asked.item IS NOT NULL OR hash(device_id) % $peer_of = 0)
),
often AS (SELECT subject FROM e WHERE peer GROUP BY subject HAVING count(*) > 1),
-- how often the next event on a device is of another account, of accounts that come more than once: where nearly always, sharing means nothing
step AS (
  SELECT subject, subject IS DISTINCT FROM lag(subject) OVER w AS changed, lag(subject) OVER w IS NOT NULL AS follows
  FROM e WHERE peer WINDOW w AS (PARTITION BY item ORDER BY t, row_key)
),
habit AS (
  SELECT CASE WHEN count(*) < 30 THEN 0 ELSE avg(changed::INT) END AS switching FROM step SEMI JOIN often USING (subject) WHERE follows
),
-- accounts that are seen nowhere else; customers of a kiosk, or a family, have devices of their own
elsewhere AS (
  SELECT subject FROM events WHERE device_id IS NOT NULL AND subject IN (SELECT subject FROM e) GROUP BY subject HAVING min(device_id) != max(device_id)
),
sight AS (SELECT item, subject, min(t) AS t, bool_or(mine) AS mine, bool_or(peer) AS peer FROM e GROUP BY ALL),
run AS (
  SELECT *, count(*) OVER (PARTITION BY item ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW) AS k,
    count(*) OVER (PARTITION BY item) AS ever
  FROM sight
),
peak AS (
  SELECT item, bool_or(mine) AS mine, bool_or(peer) AS peer, max(k) AS k, any_value(ever) AS ever, arg_max(t, (k, t)) AS last_at,
    avg((subject NOT IN (SELECT subject FROM elsewhere))::INT) AS only_here
  FROM run GROUP BY item
),
-- how much of the file's traffic is on devices shared as much: counted by pairs of account and device, since a shared one concerns many accounts
ladder AS (
  SELECT k, sum(sum(ever) FILTER (peer)) OVER (ORDER BY k DESC) / nullif(sum(sum(ever) FILTER (peer)) OVER (), 0) AS share
  FROM peak GROUP BY k
),
fired AS (
  SELECT peak.*, coalesce(share, 0) AS share,
    CASE WHEN k <= $strong THEN 0.65 * (k - 1) / ($strong - 1) ELSE least(1, 0.65 + 0.35 * (k - $strong) / (2 * $strong)) END * (0.25 + 0.75 * only_here) * least(1, greatest(0, (0.2 - coalesce(share, 0)) / 0.15)) * least(1, greatest(0, (0.9 - switching) / 0.3)) AS strength
  FROM peak JOIN ladder USING (k) CROSS JOIN habit WHERE mine AND k > 1 AND ever <= $hub
)
SELECT fired.item AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.item AS item, any_value(fired.k) AS k, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(share) AS share, any_value(only_here) AS only_here
FROM fired JOIN e ON e.item = fired.item AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.item
ORDER BY key
