-- id: DEV-08
-- version: 3
-- title: Many cards on one device
-- description: Several cards are used on one device within the window, where devices of this file keep to one: cards are being tried, or a stranger pays. One card for each account on the device is taken for granted.
-- needs: event_time, device_id, card_number
-- group: cards
-- unit: entity
-- weight: 0.35
-- baseline: other devices of the file, and how often devices change their card; fixed limit
-- reference: Cybersource: more than 6 cards in 6 months
-- strengths: row
-- param: many | Cards above which it counts in full; fewer count less | 6 | 2 | 200 | cards | Cybersource: more than 6 cards in 6 months
-- param: days | Length of the window | 180 | 1 | 365 | days | Cybersource: 6 months
-- sentence: On device {device:text} {k:int} cards of {accounts:int} account{accounts:s} were used within {length:span} in {n:int} event{n:s} from {first_at:time} on (more than {$many:int} count in full, beside one for each further account); {share:few} of the comparable devices see as many, and a device changes its card from one event to the next in {switching:few} of the cases.
WITH asked AS (SELECT DISTINCT device_id FROM own WHERE device_id IS NOT NULL),
e AS (
  SELECT events.device_id AS device, card_number AS item, t, row, row_key, in_scope, subject, asked.device_id IS NOT NULL AS mine, hash(events.device_id) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON asked.device_id = events.device_id
  WHERE t IS NOT NULL AND events.device_id IS NOT NULL AND card_number IS NOT NULL AND (asked.device_id IS NOT NULL OR hash(events.device_id) % $peer_of = 0)
),
-- how often the next event on other devices shows another card: where nearly always, many cards mean nothing
step AS (SELECT device, item != lag(item) OVER (PARTITION BY device ORDER BY t, row_key) AS changed FROM e WHERE peer),
turn AS (SELECT device, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step GROUP BY device),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
items AS (SELECT device, bool_or(mine) AS mine, bool_or(peer) AS peer, min(item) != max(item) AS several FROM e GROUP BY device),
counts AS (
  SELECT e.* RENAME (device AS item, item AS card), count(DISTINCT item) OVER w AS k, greatest(1, count(DISTINCT subject) OVER w) AS accounts FROM e SEMI JOIN (SELECT device FROM items WHERE several) USING (device)
  WINDOW w AS (PARTITION BY device ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
run AS (SELECT *, (subject, card) AS who, CASE WHEN k > accounts THEN {'k': k, 'accounts': accounts} END AS size FROM counts),
seen AS MATERIALIZED (FROM fullest('run', CAST($days * 86400 AS BIGINT))),
best AS (SELECT DISTINCT item AS device, best.at AS last_at, best.size.k AS k, best.size.accounts AS accounts FROM seen WHERE best IS NOT NULL),
counted AS (SELECT k, count(*) AS n FROM (SELECT coalesce(max(k), 1) AS k FROM items LEFT JOIN counts ON counts.item = device WHERE items. peer GROUP BY device) GROUP BY k),
ladder AS (SELECT asked.k, coalesce(sum(n) FILTER (counted.k >= asked.k), 0) AS hits, coalesce(sum(n), 0) AS n FROM (SELECT DISTINCT k FROM best) asked CROSS JOIN counted GROUP BY asked.k),
judged AS (
  SELECT best.*, row_number() OVER (PARTITION BY device ORDER BY k DESC, last_at DESC) AS place, others(ladder.hits, ladder.n, peer::INT) AS share, commonness(ladder.hits, ladder.n, peer::INT) AS common,
    habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)) AS switching
  FROM best JOIN items USING (device) JOIN ladder USING (k) LEFT JOIN turn USING (device) CROSS JOIN turns WHERE mine
),
fired AS (SELECT *, least(1, (k - accounts) / $many) * rare(common) * ramp(coalesce(switching, 0), 0.9, 0.6) AS strength FROM judged)
SELECT fired.device || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  list((coalesce(e.best.at = last_at, false)::INT * strength)::DOUBLE ORDER BY e.t, e.row_key) AS strengths,
  fired.device AS device, any_value(fired.k) AS k, any_value(fired.accounts) AS accounts, count(*) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  any_value(share) AS share, any_value(switching) AS switching
FROM fired JOIN seen e ON e.item = fired.device AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.device, last_at
ORDER BY key
