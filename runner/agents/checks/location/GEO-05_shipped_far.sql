-- id: GEO-05
-- version: 2
-- title: Shipped far from where it is paid
-- description: The shipping address lies in a country far from that of the billing address. The distance is the least there can be between the two countries. Weak alone: gifts.
-- needs: account, billing_country, shipping_country
-- group: country
-- unit: entity
-- weight: 0.15
-- baseline: peers in the file; fixed limit
-- reference: practice: above 100 km weak, above 500 km stronger; countries: Natural Earth
-- strengths: row
-- param: km | Distance that is far | 500 | 100 | 10000 | km | practice: 500 km
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- unless: no_values | SELECT 'none of the countries in question is known by its code or English name' WHERE NOT EXISTS (FROM own WHERE upper(billing_country) IN (
--   SELECT unnest(string_split(line, ',')[1:3]) FROM (SELECT unnest(string_split($countries, chr(10))) AS line) UNION ALL SELECT unnest(['UK', 'UNITED STATES'])))
-- sentence: Account {account:text}: {n:int} order{n:s} billed and shipped far apart, such as {bill:text} to {ship:text}, at least {km:int} km (limit {$km:int}); {share:few} of the comparable accounts have such an order.
WITH land AS (
  SELECT split_part(line, ',', 1) AS code, split_part(line, ',', 2) AS code3, split_part(line, ',', 3) AS name, split_part(line, ',', 4)::DOUBLE AS lat, split_part(line, ',', 5)::DOUBLE AS lon, split_part(line, ',', 6)::DOUBLE AS reach
  FROM (SELECT unnest(string_split(trim($countries, chr(10)), chr(10))) AS line)
),
named AS (
  SELECT code AS word, lat, lon, reach FROM land UNION ALL SELECT code3, lat, lon, reach FROM land UNION ALL SELECT name, lat, lon, reach FROM land WHERE len(name) > 3
  UNION ALL SELECT 'UK', lat, lon, reach FROM land WHERE code = 'GB' UNION ALL SELECT 'UNITED STATES', lat, lon, reach FROM land WHERE code = 'US'
),
e AS (
  SELECT subject, billing_country AS bill, shipping_country AS ship, t, row, row_key, mine, peer,
    CASE WHEN upper(billing_country) = upper(shipping_country) THEN 0
      ELSE greatest(0, 2 * 6371.0 * asin(least(1, sqrt(pow(sin(radians(b.lat - a.lat) / 2), 2) + cos(radians(a.lat)) * cos(radians(b.lat)) * pow(sin(radians(b.lon - a.lon) / 2), 2)))) - a.reach - b.reach) END AS km
  FROM cohort JOIN named a ON a.word = upper(billing_country) JOIN named b ON b.word = upper(shipping_country) WHERE subject IS NOT NULL
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(km >= $km) AS hit FROM e WHERE peer GROUP BY subject)),
fired AS (SELECT e.*, others(hits, others_n, peer::INT) AS share, least(1, 0.4 + 0.6 * (km - $km) / 5000) * ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) AS strength FROM e CROSS JOIN common WHERE mine AND km >= $km)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, arg_min(bill, (-km, t, row_key)) AS bill, arg_min(ship, (-km, t, row_key)) AS ship, max(km) AS km, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
