-- id: IDN-09
-- version: 1
-- title: Many e-mail addresses on one card or device
-- description: Several e-mail addresses are given from one device, or with one card, within the window, where those of this file keep to one. One address for each account is taken for granted. A masked card number is no card and is left out.
-- needs: event_time, email, device_id|card_number
-- group: identifier-sharing
-- unit: entity
-- weight: 0.3
-- baseline: other cards and devices of the file, and how often they change their address; fixed limit
-- reference: Cybersource: more than 4
-- param: many | Addresses that are many | 4 | 2 | 200 | addresses | Cybersource: more than 4
-- param: days | Length of the window | 180 | 1 | 730 | days | Cybersource: 6 months
-- param: hub | Addresses from which on it is taken for a public device | 50 | 3 | 100000 | addresses | ours
-- sentence: {k:int} e-mail addresses were given with {what:text} {item:text} within {length:span} in {n:int} event{n:s} from {first_at:time} on (many are {$many:int}); {share:pct} of comparable ones see as many.
WITH used AS (
  SELECT 'device' AS what, device_id AS item, email, t, row, row_key, subject FROM events WHERE device_id IS NOT NULL AND email IS NOT NULL AND t IS NOT NULL
  UNION ALL SELECT 'card', card_number, email, t, row, row_key, subject FROM events WHERE card_number IS NOT NULL AND email IS NOT NULL AND t IS NOT NULL AND NOT regexp_matches(card_number, '[*xX•]{2,}[^~]*$')
),
asked AS (
  SELECT DISTINCT 'device' AS what, device_id AS item FROM own WHERE device_id IS NOT NULL UNION ALL SELECT DISTINCT 'card', card_number FROM own WHERE card_number IS NOT NULL
),
e AS (
  SELECT used.*, asked.item IS NOT NULL AS mine, hash(used.item) % $peer_of = 0 AS peer FROM used LEFT JOIN asked USING (what, item) WHERE asked.item IS NOT NULL OR hash(used.item) % $peer_of = 0
),
step AS (SELECT what, email != lag(email) OVER w AS changed, lag(email) OVER w IS NOT NULL AS follows FROM e WHERE peer WINDOW w AS (PARTITION BY what, item ORDER BY t, row_key)),
habit AS (SELECT what, coalesce(avg(changed::INT) FILTER (follows), 0) AS switching FROM step GROUP BY what),
sight AS (SELECT what, item, email, min_by(subject, (t, row_key)) AS subject, min(t) AS t, bool_or(mine) AS mine, bool_or(peer) AS peer FROM e GROUP BY ALL),
run AS (
  SELECT *, count(*) OVER (PARTITION BY what, item ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW) AS k, count(*) OVER (PARTITION BY what, item) AS ever FROM sight
),
peak AS (SELECT what, item, bool_or(mine) AS mine, bool_or(peer) AS peer, max(k) AS k, any_value(ever) AS ever, count(DISTINCT subject) AS accounts, arg_max(t, (k, t)) AS last_at FROM run GROUP BY what, item),
ladder AS (SELECT what, k, sum(count(*) FILTER (peer)) OVER (PARTITION BY what ORDER BY k DESC) / nullif(sum(count(*) FILTER (peer)) OVER (PARTITION BY what), 0) AS share FROM peak GROUP BY what, k),
fired AS (
  SELECT peak.*, coalesce(share, 0) AS share, least(1, greatest(0, k - greatest(1, accounts)) / greatest(1, $many)) * least(1, greatest(0, (-log10(greatest(coalesce(share, 0), 1e-6)) - 0.5) / 1.0)) * least(1, greatest(0, (0.9 - coalesce(switching, 0)) / 0.3)) AS strength
  FROM peak JOIN ladder USING (what, k) LEFT JOIN habit USING (what) WHERE mine AND k > 2 AND ever <= $hub
)
SELECT fired.what || ' ' || fired.item AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.what AS what, fired.item AS item,
  any_value(fired.k) AS k, count(*) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(share) AS share
FROM fired JOIN e ON e.what = fired.what AND e.item = fired.item AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.what, fired.item
ORDER BY key
