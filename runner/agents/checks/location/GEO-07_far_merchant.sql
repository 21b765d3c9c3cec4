-- id: GEO-07
-- version: 2
-- title: Far from home
-- description: A payment at a merchant much farther from the customer's own place than the account's payments are, earlier and later.
-- needs: account, latitude, longitude, merchant_latitude, merchant_longitude
-- group: travel
-- unit: entity
-- weight: 0.25
-- baseline: the account's own payments, earlier and later; peers in the file
-- reference: Iglewicz and Hoaglin: modified z above 3.5
-- min_rows: 5
-- strengths: row
-- param: z | Modified z from which on a distance stands out | 3.5 | 2 | 20 | | Iglewicz and Hoaglin: 3.5
-- param: payments | Fewest payments of the account | 10 | 5 | 1000 | payments | Iglewicz and Hoaglin: 10
-- unless: too_few_rows | SELECT 'too few payments with two places: the check needs ' || $payments::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND latitude IS NOT NULL AND longitude IS NOT NULL AND merchant_latitude IS NOT NULL AND merchant_longitude IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) < $payments
-- sentence: Account {account:text}: {n:int} payment{n:s} far from home, the farthest {km:int} km away, against a median of {median:int} km over {own_n:int} payments (modified z {top_z:num}, limit {$z:num}); {share:few} of the comparable payments stand out as much.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer,
    2 * 6371.0 * asin(least(1, sqrt(pow(sin(radians(merchant_latitude - latitude) / 2), 2) + cos(radians(latitude)) * cos(radians(merchant_latitude)) * pow(sin(radians(merchant_longitude - longitude) / 2), 2)))) AS km
  FROM cohort
  WHERE subject IS NOT NULL AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 AND merchant_latitude BETWEEN -90 AND 90 AND merchant_longitude BETWEEN -180 AND 180
),
centre AS (SELECT subject, median(km) AS median, count(*) AS n FROM e GROUP BY subject HAVING count(*) >= $payments),
-- distances within a town, and a spread of a few kilometres, are no measure
width AS (SELECT subject, any_value(centre.median) AS median, any_value(n) AS n, greatest(median(abs(km - centre.median)), 0.1 * any_value(centre.median), 5) AS mad FROM e JOIN centre USING (subject) GROUP BY subject),
judged AS (SELECT e.*, median, n AS own_n, 0.6745 * (km - median) / mad AS z FROM e JOIN width USING (subject)),
far AS (SELECT *, count(*) OVER (PARTITION BY subject ORDER BY z DESC) AS own_above, count(*) OVER (PARTITION BY subject ORDER BY floor(z) DESC) AS own_step FROM judged WHERE z > $z AND km >= 100),
ladder AS (
  SELECT floor(z) AS step, sum(count(*) FILTER (peer)) OVER (ORDER BY floor(z) DESC) AS hits, (SELECT count(*) FROM judged WHERE peer) AS n FROM far GROUP BY floor(z)
),
fired AS (
  -- an account of many payments has a far one sooner: share times payments over those as far (Benjamini and Hochberg)
  SELECT judged.*, ramp(-log10(greatest(common, 1e-6)), 0.3, 2.3) AS row_strength, ramp(-log10(greatest(common * own_n / own_above, 1e-6)), 0.3, 2.3) AS strength FROM (
    SELECT far.*, others(hits - own_step * peer::INT, n - own_n * peer::INT, 0) AS share, commonness(hits - own_step * peer::INT, n - own_n * peer::INT, 0) AS common
    FROM far JOIN ladder ON ladder.step = floor(z) WHERE mine
  ) judged
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(row_strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, max(km) AS km, any_value(median) AS median, any_value(own_n) AS own_n, max(z) AS top_z, min(share) AS share
FROM fired WHERE row_strength > 0
GROUP BY subject HAVING max(strength) > 0
ORDER BY key
