-- id: GEO-01
-- version: 6
-- title: Impossible travel
-- description: Two events of one account, one after the other, lie farther apart than an airliner could have flown in between. Times that tell only hours are taken as far apart as they can be.
--   Where the file tells only countries, the distance is the least there can be between the two: from middle to middle, less how far each reaches;
--   it then counts half, and half again on one and the same device. A log-in that failed does not tell where the account's owner is. Counts half where one of the addresses is a VPN, a proxy or a data centre.
-- needs: account, event_time, latitude|ip_country|country, longitude|ip_country|country
-- times: hour
-- group: travel
-- unit: pair
-- weight: 0.6
-- baseline: fixed threshold; how common it is in the file among events within 12 hours
-- reference: vendors use 800 to 1 200 km/h; airliners cruise at about 900; countries: Natural Earth
-- min_rows: 2
-- param: max_kmh | Fastest believable journey | 900 | 300 | 3000 | km/h | an airliner's cruise
-- param: min_km | Nearer pairs are left out | 100 | 1 | 5000 | km | coarse positions
-- unless: no_values | SELECT 'none of the places in question is known: there are no coordinates, and no country by its code or English name' WHERE NOT EXISTS (FROM own WHERE latitude IS NOT NULL AND longitude IS NOT NULL)
--   AND NOT EXISTS (FROM own WHERE upper(coalesce(ip_country, country)) IN (SELECT unnest(string_split(line, ',')[1:3]) FROM (SELECT unnest(string_split($countries, chr(10))) AS line) UNION ALL SELECT unnest(['UK', 'UNITED STATES'])))
-- sentence: Account {account:text} was {place_a:text}at {at_a:time} and {place_b:text}at {at_b:time}: {least:text}{km:int} km in {gap:span} = {kmh:int} km/h (limit {$max_kmh:int}).
WITH land AS (
  SELECT split_part(line, ',', 1) AS code, split_part(line, ',', 2) AS code3, split_part(line, ',', 3) AS name, split_part(line, ',', 4)::DOUBLE AS lat, split_part(line, ',', 5)::DOUBLE AS lon, split_part(line, ',', 6)::DOUBLE AS reach
  FROM (SELECT unnest(string_split(trim($countries, chr(10)), chr(10))) AS line)
),
named AS (
  SELECT code AS word, lat, lon, reach FROM land UNION ALL SELECT code3, lat, lon, reach FROM land UNION ALL SELECT name, lat, lon, reach FROM land WHERE len(name) > 3
  UNION ALL SELECT 'UK', lat, lon, reach FROM land WHERE code = 'GB' UNION ALL SELECT 'UNITED STATES', lat, lon, reach FROM land WHERE code = 'US'
),
told AS (
  SELECT subject, t, row, row_key, mine, peer, city, device_id, coalesce(is_vpn, false) OR coalesce(is_proxy, false) OR coalesce(is_hosting, false) AS masked,
    latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 AND NOT (latitude = 0 AND longitude = 0) AS exact, latitude, longitude, country, ip_country
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL
    AND NOT login_failed AND NOT coalesce(NOT status_ok AND amount IS NULL, false)
),
e AS (
  SELECT told.* EXCLUDE (country, city), CASE WHEN exact THEN city END AS city, CASE WHEN exact THEN coalesce(country, ip_country) ELSE coalesce(ip_country, country) END AS country,
    CASE WHEN exact THEN latitude ELSE named.lat END AS lat, CASE WHEN exact THEN longitude ELSE named.lon END AS lon, CASE WHEN exact THEN 0 ELSE reach END AS reach, exact IS DISTINCT FROM true AS coarse
  FROM told LEFT JOIN named ON exact IS DISTINCT FROM true AND named.word = upper(coalesce(ip_country, told.country)) WHERE exact OR named.word IS NOT NULL
),
pair AS (
  SELECT subject, mine, peer, lag(row) OVER w AS row_a, row AS row_b, lag(row_key) OVER w AS key_a, row_key AS key_b, lag(t) OVER w AS at_a, t AS at_b,
    lag(lat) OVER w AS lat_a, lat AS lat_b, lag(lon) OVER w AS lon_a, lon AS lon_b,
    lag(coalesce('in ' || coalesce(city || ', ' || country, city, country) || ' ', '')) OVER w AS place_a,
    coalesce('in ' || coalesce(city || ', ' || country, city, country) || ' ', '') AS place_b,
    masked OR lag(masked) OVER w AS masked, reach + lag(reach) OVER w AS reach, coarse OR lag(coarse) OVER w AS coarse, coalesce(device_id = lag(device_id) OVER w, false) AS one_device
  FROM e WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
trip AS (
  SELECT *, at_b - at_a + CASE WHEN $time_step > 60 THEN $time_step ELSE 0 END AS gap,
    greatest(0, 2 * 6371.0 * asin(least(1, sqrt(pow(sin(radians(lat_b - lat_a) / 2), 2) + cos(radians(lat_a)) * cos(radians(lat_b)) * pow(sin(radians(lon_b - lon_a) / 2), 2)))) - reach) AS km
  FROM pair WHERE row_a IS NOT NULL
),
speed AS (SELECT *, km / (greatest(60, gap) / 3600.0) AS kmh FROM trip),
-- where events of others, soon after one another, are mostly impossible journeys, the file's positions are not where people are
quick AS (SELECT subject, count(*) FILTER (km >= $min_km AND kmh >= $max_kmh) AS hits, count(*) AS n FROM speed WHERE peer AND gap <= 43200 GROUP BY subject),
quicks AS (SELECT sum(hits) AS hits, sum(n) AS n FROM quick),
judged AS (
  SELECT speed.*, habit(quicks.hits - coalesce(quick.hits, 0), quicks.n - coalesce(quick.n, 0)) AS share FROM speed LEFT JOIN quick USING (subject) CROSS JOIN quicks
  WHERE mine AND km >= $min_km AND kmh >= $max_kmh
)
SELECT key_a || ' > ' || key_b AS key,
  least(1, greatest(0, (kmh - $max_kmh + 400) / 700)) * CASE WHEN masked THEN 0.5 ELSE 1 END * CASE WHEN coarse AND one_device THEN 0.25 WHEN coarse THEN 0.5 ELSE 1 END * ramp(coalesce(share, 0), 0.5, 0.1) AS strength,
  [row_a, row_b] AS rows, subject AS account, place_a, place_b, CASE WHEN coarse THEN 'at least ' ELSE '' END AS least, at_a, at_b, km, gap, kmh, masked, share
FROM judged
WHERE coalesce(share, 0) < 0.5
ORDER BY key
