-- id: DEV-08
-- version: 1
-- title: Many cards on one device
-- description: Several cards are used on one device within the window, where devices of this file keep to one: cards are being tried, or a stranger pays. One card for each account on the device is taken for granted.
-- needs: event_time, device_id, card_number
-- group: cards
-- unit: entity
-- weight: 0.35
-- baseline: other devices of the file, and how often devices change their card; fixed limit
-- reference: Cybersource: more than 6 cards in 6 months
-- param: many | Cards that are many | 6 | 2 | 200 | cards | Cybersource: more than 6 cards in 6 months
-- param: days | Length of the window | 180 | 1 | 365 | days | Cybersource: 6 months
-- sentence: On device {device:text} {k:int} cards of {accounts:int} account{accounts:s} were used within {length:span} in {n:int} event{n:s} from {first_at:time} on (many are {$many:int}); {share:pct} of comparable devices see as many, and a device changes its card from one event to the next in {switching:pct} of cases.
WITH asked AS (SELECT DISTINCT device_id FROM own WHERE device_id IS NOT NULL),
e AS (
  SELECT device_id AS subject, card_number AS item, t, row, row_key, device_id IN (SELECT device_id FROM asked) AS mine, hash(device_id) % $peer_of = 0 AS peer,
    events.subject AS account
  FROM events
  WHERE t IS NOT NULL AND device_id IS NOT NULL AND card_number IS NOT NULL AND (device_id IN (SELECT device_id FROM asked) OR hash(device_id) % $peer_of = 0)
),
-- how often a device's next event shows another card: where nearly always, many cards mean nothing
step AS (
  SELECT item IS DISTINCT FROM lag(item) OVER w AS changed, lag(item) OVER w IS NOT NULL AS follows
  FROM e WHERE peer WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
habit AS (SELECT coalesce(avg(changed::INT) FILTER (follows), 0) AS switching FROM step),
-- the first sight of each card, so that a window counts each once
sight AS (SELECT subject, item, min(t) AS t, bool_or(mine) AS mine, bool_or(peer) AS peer FROM e GROUP BY ALL),
run AS (
  SELECT *, count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW) AS k
  FROM sight
),
people AS (SELECT subject, greatest(1, count(DISTINCT account)) AS accounts FROM e GROUP BY subject),
peak AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, max(k) AS k, arg_max(t, (k, t)) AS last_at FROM run GROUP BY subject
),
ladder AS (
  SELECT k, sum(count(*) FILTER (peer)) OVER (ORDER BY k DESC) / nullif(sum(count(*) FILTER (peer)) OVER (), 0) AS share
  FROM peak GROUP BY k
),
fired AS (
  SELECT peak.*, accounts, coalesce(share, 0) AS share, switching,
    least(1, (k - accounts) / greatest(1, $many - 1)) * least(1, greatest(0, (-log10(greatest(coalesce(share, 0), 1e-6)) - 0.5) / 1.0)) * least(1, greatest(0, (0.9 - switching) / 0.3)) AS strength
  FROM peak JOIN ladder USING (k) JOIN people USING (subject) CROSS JOIN habit WHERE mine AND k > accounts
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.subject AS device, any_value(fired.k) AS k, any_value(accounts) AS accounts, count(*) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  any_value(share) AS share, any_value(switching) AS switching
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
