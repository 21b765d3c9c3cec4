-- id: GEO-02
-- version: 4
-- title: First time in a country
-- description: After several events elsewhere the account appears for the first time in a country. Counts half where it does so on a device that it used before, and a third
--   where its coordinates have not moved: then it is the address that travels, as behind a VPN. A log-in that failed does not tell where the account's owner is.
-- needs: account, event_time, ip_country|country
-- group: country
-- unit: entity
-- weight: 0.2
-- baseline: own past; how often accounts of the file change country
-- reference: tirreno, new country; weak alone
-- min_rows: 6
-- strengths: row
-- param: history | Earlier events that make a past | 5 | 2 | 1000 | events | ours
-- unless: too_few_rows | SELECT 'too few events with a country: the check needs ' || $history::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL AND coalesce(ip_country, country) IS NOT NULL AND NOT login_failed GROUP BY subject) HAVING coalesce(max(n), 0) < $history
-- sentence: Account {account:text} appeared in {place:text} for the first time at {at:time}, after {earlier:int} events in {before:text}; {share:few} of the comparable accounts have such a first time.
WITH e AS (
  SELECT subject, coalesce(ip_country, country) AS place, t, row, row_key, mine, peer, latitude, longitude,
    device_id IS NOT NULL AND row_number() OVER (PARTITION BY subject, device_id ORDER BY t, row_key) > 1 AS known_device,
    lag(latitude) OVER (PARTITION BY subject ORDER BY t, row_key) AS lat_before, lag(longitude) OVER (PARTITION BY subject ORDER BY t, row_key) AS lon_before,
    row_number() OVER (PARTITION BY subject ORDER BY t, row_key) - 1 AS earlier
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND coalesce(ip_country, country) IS NOT NULL
    AND NOT login_failed
),
sight AS (SELECT *, row_number() OVER (PARTITION BY subject, place ORDER BY t, row_key) = 1 AS first_time FROM e),
common AS (SELECT count(*) FILTER (moved) AS hits, count(*) AS others_n FROM (SELECT bool_or(first_time) AS moved FROM sight WHERE peer AND earlier >= $history GROUP BY subject)),
fired AS (
  SELECT sight.*, others(hits, others_n, peer::INT) AS share, (0.5 + 0.5 * least(1, earlier / (4 * $history))) * CASE WHEN abs(latitude - lat_before) < 1 AND abs(longitude - lon_before) < 1 THEN 0.33 WHEN known_device THEN 0.5 ELSE 1 END * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength
  FROM sight CROSS JOIN common WHERE mine AND first_time AND earlier >= $history AND commonness(hits, others_n, peer::INT) < 0.2
)
SELECT fired.subject || ' in ' || fired.place AS key, fired.strength, [fired.row] AS rows, [fired.strength] AS strengths,
  fired.subject AS account, fired.place AS place, fired.t AS at, fired.earlier AS earlier, fired.share,
  (SELECT string_agg(DISTINCT b.place, ', ' ORDER BY b.place) FROM sight b WHERE b.subject = fired.subject AND b.earlier < fired.earlier AND b.first_time) AS before
FROM fired
ORDER BY key
