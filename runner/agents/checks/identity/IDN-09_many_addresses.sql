-- id: IDN-09
-- version: 3
-- title: Many e-mail addresses on one card or device
-- description: Several e-mail addresses are given from one device, or with one card, within the window, where those of this file keep to one. One address for each account is taken for granted. A masked card number is no card and is left out.
-- needs: event_time, email, device_id|card_number
-- group: identifier-sharing
-- unit: entity
-- weight: 0.3
-- baseline: other cards and devices of the file, and how often they change their address; fixed limit
-- reference: Cybersource: more than 4
-- strengths: row
-- param: many | Addresses that are many | 4 | 2 | 200 | addresses | Cybersource: more than 4
-- param: days | Length of the window | 180 | 1 | 730 | days | Cybersource: 6 months
-- param: hub | Addresses from which on it is taken for a public device | 50 | 3 | 100000 | addresses | ours
-- sentence: {k:int} e-mail addresses were given with {what:text} {item:text} within {length:span} in {n:int} event{n:s} from {first_at:time} on (more than {$many:int} count in full); {share:few} of the comparable ones see as many.
WITH used AS (
  SELECT 'device' AS what, device_id AS item, email, t, row, row_key, subject, in_scope FROM events WHERE device_id IS NOT NULL AND email IS NOT NULL AND t IS NOT NULL
  UNION ALL SELECT 'card', card, email, t, row, row_key, subject, in_scope FROM events WHERE card IS NOT NULL AND email IS NOT NULL AND t IS NOT NULL
),
asked AS (
  SELECT DISTINCT 'device' AS what, device_id AS item FROM own WHERE device_id IS NOT NULL UNION ALL SELECT DISTINCT 'card', card FROM own WHERE card IS NOT NULL
),
e AS (
  SELECT used.*, asked.item IS NOT NULL AS mine, hash(used.item) % $peer_of = 0 AS peer FROM used LEFT JOIN asked USING (what, item) WHERE asked.item IS NOT NULL OR hash(used.item) % $peer_of = 0
),
step AS (SELECT what, item, email != lag(email) OVER (PARTITION BY what, item ORDER BY t, row_key) AS changed FROM e WHERE peer),
turn AS (SELECT what, item, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step GROUP BY ALL),
turns AS (SELECT what, sum(hits) AS hits, sum(n) AS n FROM turn GROUP BY what),
items AS (SELECT what, item, bool_or(mine) AS mine, bool_or(peer) AS peer, count(DISTINCT email) AS ever FROM e GROUP BY ALL),
counts AS (
  SELECT e.*, count(DISTINCT email) OVER w AS k, count(DISTINCT subject) OVER w AS accounts FROM e SEMI JOIN (SELECT what, item FROM items WHERE ever > 1) USING (what, item)
  WINDOW w AS (PARTITION BY what, item ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
run AS (SELECT * REPLACE ((what, item) AS item), item AS name, (subject, email) AS who, CASE WHEN k > 2 THEN {'k': k, 'accounts': accounts} END AS size FROM counts),
seen AS MATERIALIZED (FROM fullest('run', CAST($days * 86400 AS BIGINT))),
best AS (SELECT DISTINCT what, name AS item, best.at AS last_at, best.size.k AS k, best.size.accounts AS accounts FROM seen WHERE best IS NOT NULL),
counted AS (SELECT what, k, count(*) AS n FROM (SELECT what, coalesce(max(k), 1) AS k FROM items LEFT JOIN counts USING (what, item) WHERE items.peer GROUP BY what, item) GROUP BY ALL),
ladder AS (SELECT what, asked.k, coalesce(sum(n) FILTER (counted.k >= asked.k), 0) AS hits, coalesce(sum(n), 0) AS others_n FROM (SELECT DISTINCT what, k FROM best) asked JOIN counted USING (what) GROUP BY ALL),
fired AS (
  SELECT best.*, row_number() OVER (PARTITION BY what, item ORDER BY k DESC, last_at DESC) AS place, others(ladder.hits, others_n, peer::INT) AS share,
    ramp(k - greatest(1, accounts), 0, $many) * rare(coalesce(commonness(ladder.hits, others_n, peer::INT), 0)) * ramp(coalesce(habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)), 0), 0.9, 0.6) AS strength
  FROM best JOIN items USING (what, item) LEFT JOIN ladder USING (what, k) LEFT JOIN turn USING (what, item) LEFT JOIN turns USING (what) WHERE mine AND ever <= $hub
)
SELECT fired.what || ' ' || fired.item || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  list((coalesce(e.best.at = last_at, false)::INT * strength)::DOUBLE ORDER BY e.t, e.row_key) AS strengths, fired.what AS what, regexp_replace(fired.item, '~[0-9a-f]{8}$', '') AS item,
  any_value(fired.k) AS k, count(*) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(share) AS share
FROM fired JOIN seen e ON e.what = fired.what AND e.name = fired.item AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.what, fired.item, last_at
ORDER BY key
