-- id: GEO-04
-- version: 2
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
-- sentence: {who:text}: {n:int} event{n:s} with countries that disagree, such as {example:text}; {share:pct} of comparable accounts have events with as many different ones.
WITH e AS (
  SELECT coalesce(subject, row_key) AS who, t, row, row_key, mine, peer,
    coalesce(ip_country, country) AS ip, card_country AS card, billing_country AS bill, shipping_country AS ship,
    device_id, len(list_distinct([coalesce(ip_country, country), card_country, billing_country, shipping_country])) AS k
  FROM cohort
),
-- devices whose address wanders
wander AS (SELECT who, device_id FROM e WHERE device_id IS NOT NULL AND ip IS NOT NULL GROUP BY ALL HAVING count(DISTINCT ip) >= 3),
common AS (
  SELECT avg((most >= 2)::INT) AS share2, avg((most >= 3)::INT) AS share3 FROM (SELECT max(k) AS most FROM e WHERE peer AND k >= 1 GROUP BY who)
),
fired AS (
  SELECT e.*, CASE WHEN k >= 3 THEN share3 ELSE share2 END AS share,
    CASE WHEN wander.who IS NULL THEN 1 ELSE 0.33 END * CASE WHEN k >= 3 THEN 1 ELSE 0.5 END * least(1, greatest(0, ($common - CASE WHEN k >= 3 THEN share3 ELSE share2 END) / (0.8 * $common))) AS strength,
    concat_ws(', ', 'IP ' || ip, 'card ' || card, 'billing ' || bill, 'shipping ' || ship) AS words
  FROM e CROSS JOIN common LEFT JOIN wander ON wander.who = e.who AND wander.device_id = e.device_id WHERE mine AND k >= 2
)
SELECT who AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  who, count(*) AS n, arg_min(words, (-k, t, row_key)) AS example, min(share) AS share
FROM fired WHERE strength > 0
GROUP BY who
ORDER BY key
