-- id: GEO-01
-- version: 1
-- title: Impossible travel
-- description: Two events of one account, one after the other, lie farther apart than an airliner could have flown in between.
--   Counts half where one of the addresses is a VPN, a proxy or a data centre.
-- needs: account, event_time, latitude, longitude
-- group: travel
-- unit: pair
-- weight: 0.6
-- baseline: fixed threshold; how common it is in the file among events within 12 hours
-- reference: vendors use 800 to 1 200 km/h; airliners cruise at about 900
-- min_rows: 2
-- param: max_kmh | Fastest believable journey | 900 | 300 | 3000 | km/h | an airliner's cruise
-- param: min_km | Nearer pairs are left out | 100 | 1 | 5000 | km | coarse positions
-- sentence: Account {account:text} was {place_a:text}at {at_a:time} and {place_b:text}at {at_b:time}: {km:int} km in {gap:span} = {kmh:int} km/h (limit {$max_kmh:int}).
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, latitude AS lat, longitude AS lon, city, coalesce(country, ip_country) AS country,
    coalesce(is_vpn, false) OR coalesce(is_proxy, false) OR coalesce(is_hosting, false) AS masked
  FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 AND NOT (latitude = 0 AND longitude = 0)
),
pair AS (
  SELECT subject, mine, peer, lag(row) OVER w AS row_a, row AS row_b, lag(row_key) OVER w AS key_a, row_key AS key_b, lag(t) OVER w AS at_a, t AS at_b,
    lag(lat) OVER w AS lat_a, lat AS lat_b, lag(lon) OVER w AS lon_a, lon AS lon_b,
    lag(coalesce('in ' || coalesce(city || ', ' || country, city, country) || ' ', '')) OVER w AS place_a,
    coalesce('in ' || coalesce(city || ', ' || country, city, country) || ' ', '') AS place_b,
    masked OR lag(masked) OVER w AS masked
  FROM e WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
trip AS (
  SELECT *, at_b - at_a AS gap,
    2 * 6371.0 * asin(least(1, sqrt(pow(sin(radians(lat_b - lat_a) / 2), 2) + cos(radians(lat_a)) * cos(radians(lat_b)) * pow(sin(radians(lon_b - lon_a) / 2), 2)))) AS km
  FROM pair WHERE row_a IS NOT NULL
),
speed AS (SELECT *, km / (greatest(60, gap) / 3600.0) AS kmh FROM trip),
-- where events soon after one another are mostly impossible journeys, the file's positions are not where people are
habit AS (SELECT coalesce(avg((km >= $min_km AND kmh >= $max_kmh)::INT), 0) AS share FROM speed WHERE peer AND gap <= 43200)
SELECT key_a || ' > ' || key_b AS key,
  least(1, greatest(0, (kmh - $max_kmh + 400) / 700)) * CASE WHEN masked THEN 0.5 ELSE 1 END * least(1, greatest(0, (0.5 - share) / 0.4)) AS strength,
  [row_a, row_b] AS rows, subject AS account, place_a, place_b, at_a, at_b, km, gap, kmh, masked, share
FROM speed CROSS JOIN habit
WHERE mine AND km >= $min_km AND kmh >= $max_kmh AND share < 0.5
ORDER BY key
