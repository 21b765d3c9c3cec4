-- id: GEO-03
-- version: 3
-- title: Many countries in a short time
-- description: The account appears in several countries within the window, where accounts of this file keep to one. Counts half where it uses one device in all of them, and a third where
--   its coordinates do not move: a traveller, or a VPN. A log-in that failed does not tell where the account's owner is.
-- needs: account, event_time, ip_country|country
-- group: country
-- unit: entity
-- weight: 0.3
-- baseline: peers in the file, and how often accounts of the file change their country; fixed limit
-- reference: tirreno: more than 3 countries
-- param: many | Countries that are many | 3 | 2 | 50 | countries | tirreno: more than 3 countries
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- sentence: Account {account:text} was in {k:int} countries within {length:span} in {n:int} event{n:s} from {first_at:time} on (many are {$many:int}); {share:pct} of comparable accounts are in as many, and an account changes its country from one event to the next in {switching:pct} of cases.
WITH e AS (
  SELECT subject, coalesce(ip_country, country) AS item, device_id, latitude, longitude, t, row, row_key, mine, peer FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND coalesce(ip_country, country) IS NOT NULL
    AND NOT login_failed
),
-- how often a peer's next event shows another country: where nearly always, many countries mean nothing
step AS (
  SELECT item IS DISTINCT FROM lag(item) OVER w AS changed, lag(item) OVER w IS NOT NULL AS follows
  FROM e WHERE peer WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
habit AS (SELECT coalesce(avg(changed::INT) FILTER (follows), 0) AS switching FROM step),
-- the first sight of each country, so that a window counts each once
sight AS (SELECT subject, item, min(t) AS t, bool_or(mine) AS mine, bool_or(peer) AS peer FROM e GROUP BY ALL),
run AS (
  SELECT *, count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW) AS k
  FROM sight
),
peak AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, max(k) AS k, arg_max(t, (k, t)) AS last_at FROM run GROUP BY subject
),
devices AS (
  SELECT peak.subject, count(DISTINCT device_id) AS n,
    coalesce(count(latitude) > count(*) / 2 AND stddev_pop(latitude) < 0.5 AND stddev_pop(longitude) < 0.5, false) AS still
  FROM peak JOIN e ON e.subject = peak.subject AND e.t BETWEEN peak.last_at - $days * 86400 AND peak.last_at WHERE peak.mine GROUP BY peak.subject
),
ladder AS (
  SELECT k, sum(count(*) FILTER (peer)) OVER (ORDER BY k DESC) / nullif(sum(count(*) FILTER (peer)) OVER (), 0) AS share
  FROM peak GROUP BY k
),
fired AS (
  SELECT peak.*, coalesce(share, 0) AS share, switching,
    CASE WHEN still THEN 0.33 WHEN devices.n = 1 THEN 0.5 ELSE 1 END * least(1, (k - 1) / greatest(1, $many - 1)) * least(1, greatest(0, (-log10(greatest(coalesce(share, 0), 1e-6)) - 0.5) / 1.0)) * least(1, greatest(0, (0.9 - switching) / 0.3)) AS strength
  FROM peak JOIN ladder USING (k) JOIN devices USING (subject) CROSS JOIN habit WHERE mine AND k > 1
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.subject AS account, any_value(fired.k) AS k, count(*) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  any_value(share) AS share, any_value(switching) AS switching
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
