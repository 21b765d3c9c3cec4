-- id: GEO-04
-- version: 3
-- title: Countries that disagree
-- description: The countries of the IP address, the card, the billing and the shipping address are not the same. Two different ones are common at
--   shops that sell abroad; three are not. Where the addresses of one account come from three countries or more on the same device, as behind a VPN, it counts a third.
-- needs: card_country|billing_country, ip_country|shipping_country|country
-- group: country
-- unit: entity
-- weight: 0.3
-- baseline: peers in the file
-- reference: Stripe: card country is not the IP country; MaxMind: issuer country mismatch
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: {who:text}: {n:int} event{n:s} with countries that disagree, such as {example:text}; {share:few} of the comparable accounts have events with as many different ones.
WITH land AS (SELECT string_split(line, ',') AS part FROM (SELECT unnest(string_split(trim($countries, chr(10)), chr(10))) AS line)),
-- one country may be written in several ways
named AS (SELECT DISTINCT word, code FROM (SELECT unnest(part[2:3]) AS word, part[1] AS code FROM land UNION ALL SELECT 'UK', 'GB' UNION ALL SELECT 'UNITED STATES', 'US') WHERE word != ''),
told AS (
  SELECT coalesce(subject, row_key) AS who, t, row, row_key, mine, peer, device_id,
    upper(coalesce(ip_country, country)) AS ip, upper(card_country) AS card, upper(billing_country) AS bill, upper(shipping_country) AS ship FROM cohort
),
e AS (
  SELECT told.* REPLACE (coalesce(a.code, ip) AS ip, coalesce(b.code, card) AS card, coalesce(c.code, bill) AS bill, coalesce(d.code, ship) AS ship),
    len(list_distinct([coalesce(a.code, ip), coalesce(b.code, card), coalesce(c.code, bill), coalesce(d.code, ship)])) AS k
  FROM told LEFT JOIN named a ON a.word = ip LEFT JOIN named b ON b.word = card LEFT JOIN named c ON c.word = bill LEFT JOIN named d ON d.word = ship
),
-- devices whose address wanders
wander AS (SELECT who, device_id FROM e WHERE device_id IS NOT NULL AND ip IS NOT NULL GROUP BY ALL HAVING count(DISTINCT ip) >= 3),
common AS (
  SELECT count(*) FILTER (most >= 2) AS two, count(*) FILTER (most >= 3) AS three, count(*) AS n FROM (SELECT max(k) AS most FROM e WHERE peer AND k >= 1 GROUP BY who)
),
fired AS (
  SELECT e.*, others(CASE WHEN k >= 3 THEN three ELSE two END, common.n, peer::INT) AS share,
    CASE WHEN wander.who IS NULL THEN 1 ELSE 0.33 END * CASE WHEN k >= 3 THEN 1 ELSE 0.5 END * ramp(commonness(CASE WHEN k >= 3 THEN three ELSE two END, common.n, peer::INT), $common, 0.2 * $common) AS strength,
    concat_ws(', ', 'IP ' || ip, 'card ' || card, 'billing ' || bill, 'shipping ' || ship) AS words
  FROM e CROSS JOIN common LEFT JOIN wander ON wander.who = e.who AND wander.device_id = e.device_id WHERE mine AND k >= 2
)
SELECT who AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  who, count(*) AS n, arg_min(words, (-k, t, row_key)) AS example, min(share) AS share
FROM fired WHERE strength > 0
GROUP BY who
ORDER BY key
