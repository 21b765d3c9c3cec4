-- id: LNK-08
-- version: 2
-- title: Two accounts with the same things
-- description: Two accounts share most of their devices, cards, phone numbers, e-mail and IP addresses, where rare ones count more than common ones: one person twice. A household shares an address and perhaps a device, and does not fire.
-- needs: user_id|account_id, device_id|card_number|phone_number|email|ip_address
-- group: identifier-sharing
-- unit: pair
-- weight: 0.3
-- baseline: how rare each identifier is in the file (inverse document frequency); how many accounts of the file have such a twin
-- reference: OpenCTI: similarity by shared evidence; Jaccard index
-- param: alike | Weighted share of common identifiers | 0.4 | 0.2 | 1 | share | ours
-- param: shared | Fewest common identifiers other than IP addresses | 2 | 1 | 50 | identifiers | ours
-- sentence: Accounts {one:text} and {other:text} share {k:int} of {n:int} identifiers, such as {example:text} (weighted by rarity {score:pct}, limit {$alike:pct}); {share:few} of the file's accounts have such a twin.
WITH asked AS (SELECT DISTINCT subject FROM own WHERE subject IS NOT NULL),
-- the identifiers of the asked accounts and of peers, then who else has those, then all that these have: nobody else need be looked at
wanted AS MATERIALIZED (SELECT subject FROM asked UNION SELECT DISTINCT subject FROM events WHERE subject IS NOT NULL AND hash(subject) % $peer_of = 0),
wanted_items AS MATERIALIZED (
  SELECT DISTINCT kind, item FROM (SELECT unnest([struct_pack(kind := 'device', item := device_id), struct_pack(kind := 'card', item := card),
    struct_pack(kind := 'phone', item := phone_number), struct_pack(kind := 'e-mail', item := email), struct_pack(kind := 'address', item := ip_address)], recursive := true) FROM events SEMI JOIN wanted USING (subject))
  WHERE item IS NOT NULL
),
holders AS MATERIALIZED (
  SELECT DISTINCT subject, 'device' AS kind, device_id AS item FROM events SEMI JOIN (SELECT item FROM wanted_items WHERE kind = 'device') m ON m.item = device_id WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'card', card FROM events SEMI JOIN (SELECT item FROM wanted_items WHERE kind = 'card') m ON m.item = card WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'phone', phone_number FROM events SEMI JOIN (SELECT item FROM wanted_items WHERE kind = 'phone') m ON m.item = phone_number WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'e-mail', email FROM events SEMI JOIN (SELECT item FROM wanted_items WHERE kind = 'e-mail') m ON m.item = email WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'address', ip_address FROM events SEMI JOIN (SELECT item FROM wanted_items WHERE kind = 'address') m ON m.item = ip_address WHERE subject IS NOT NULL
),
-- identifiers of many accounts tie nobody to anybody
partners AS MATERIALIZED (
  SELECT subject FROM wanted UNION SELECT subject FROM holders SEMI JOIN (SELECT kind, item FROM holders GROUP BY ALL HAVING count(*) BETWEEN 2 AND 20) USING (kind, item)
),
items AS MATERIALIZED (
  SELECT DISTINCT kind, item FROM (SELECT unnest([struct_pack(kind := 'device', item := device_id), struct_pack(kind := 'card', item := card),
    struct_pack(kind := 'phone', item := phone_number), struct_pack(kind := 'e-mail', item := email), struct_pack(kind := 'address', item := ip_address)], recursive := true) FROM events SEMI JOIN partners USING (subject))
  WHERE item IS NOT NULL
),
held AS MATERIALIZED (
  SELECT DISTINCT subject, 'device' AS kind, device_id AS item FROM events SEMI JOIN (SELECT item FROM items WHERE kind = 'device') m ON m.item = device_id WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'card', card FROM events SEMI JOIN (SELECT item FROM items WHERE kind = 'card') m ON m.item = card WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'phone', phone_number FROM events SEMI JOIN (SELECT item FROM items WHERE kind = 'phone') m ON m.item = phone_number WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'e-mail', email FROM events SEMI JOIN (SELECT item FROM items WHERE kind = 'e-mail') m ON m.item = email WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'address', ip_address FROM events SEMI JOIN (SELECT item FROM items WHERE kind = 'address') m ON m.item = ip_address WHERE subject IS NOT NULL
),
total AS (SELECT count(DISTINCT subject) AS n FROM events),
rarity AS MATERIALIZED (SELECT kind, item, count(*) AS users, ln(any_value(total.n) / count(*)) AS idf FROM held CROSS JOIN total GROUP BY kind, item),
owned AS MATERIALIZED (SELECT subject, kind || ' ' || item AS id, idf, users FROM held SEMI JOIN partners USING (subject) JOIN rarity USING (kind, item)),
tie AS MATERIALIZED (SELECT * FROM owned WHERE users BETWEEN 2 AND 20),
pair AS (SELECT a.subject AS one, b.subject AS other, count(*) AS k, sum(a.idf) AS common, min(a.id) AS example FROM tie a JOIN tie b ON b.id = a.id AND b.subject > a.subject GROUP BY ALL HAVING count(*) FILTER (NOT starts_with(a.id, 'address ')) >= $shared),
weight AS (SELECT subject, sum(idf) AS idf, count(*) AS n FROM owned GROUP BY subject),
alike AS (
  SELECT pair.*, x.n + y.n - k AS n, common / nullif(x.idf + y.idf - common, 0) AS score FROM pair JOIN weight x ON x.subject = one JOIN weight y ON y.subject = other
),
hit AS (SELECT * FROM alike WHERE score >= $alike),
common AS (SELECT (SELECT count(*) FROM (SELECT one AS subject FROM hit UNION SELECT other FROM hit) WHERE hash(subject) % $peer_of = 0) AS hits, (SELECT count(*) FROM wanted WHERE hash(subject) % $peer_of = 0) AS others_n),
fired AS (
  SELECT hit.*, others(hits, others_n, (hash(one) % $peer_of = 0)::INT + (hash(other) % $peer_of = 0)::INT) AS share, least(1, 0.4 + 0.6 * (score - $alike) / (1.001 - $alike))
    * ramp(commonness(hits, others_n, (hash(one) % $peer_of = 0)::INT + (hash(other) % $peer_of = 0)::INT, weight := 2), 0.1, 0.02) AS strength FROM hit CROSS JOIN common AS common
  WHERE one IN (SELECT subject FROM asked) OR other IN (SELECT subject FROM asked)
),
evidence AS (
  SELECT one, other, one AS subject, id FROM fired JOIN tie ON tie.subject = one WHERE id IN (SELECT id FROM tie b WHERE b.subject = other)
  UNION ALL SELECT one, other, other, id FROM fired JOIN tie ON tie.subject = other WHERE id IN (SELECT id FROM tie b WHERE b.subject = one)
)
SELECT fired.one || ' and ' || fired.other AS key, any_value(strength) AS strength, list(DISTINCT r.row ORDER BY r.row) AS rows, fired.one AS one, fired.other AS other, any_value(k) AS k, any_value(fired.n) AS n,
  regexp_replace(any_value(fired.example), '~[0-9a-f]{8}$', '') AS example, any_value(score) AS score, any_value(share) AS share
FROM fired JOIN evidence USING (one, other)
  JOIN events r ON r.subject = evidence.subject AND evidence.id IN ('device ' || r.device_id, 'card ' || r.card, 'phone ' || r.phone_number, 'e-mail ' || r.email, 'address ' || r.ip_address)
WHERE strength > 0
GROUP BY fired.one, fired.other
ORDER BY key
