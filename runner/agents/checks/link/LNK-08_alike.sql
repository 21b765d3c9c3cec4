-- id: LNK-08
-- version: 1
-- title: Two accounts with the same things
-- description: Two accounts share most of their devices, cards, phone numbers, e-mail and IP addresses, where rare ones count more than common ones: one person twice.
-- needs: user_id|account_id, device_id|card_number|phone_number|email|ip_address
-- group: identifier-sharing
-- unit: pair
-- weight: 0.3
-- baseline: how rare each identifier is in the file (inverse document frequency); how many accounts of the file have such a twin
-- reference: OpenCTI: similarity by shared evidence; Jaccard index
-- param: alike | Weighted share of common identifiers | 0.4 | 0.2 | 1 | share | ours
-- param: shared | Fewest common identifiers | 2 | 1 | 50 | identifiers | ours
-- sentence: Accounts {one:text} and {other:text} share {k:int} of {n:int} identifiers, such as {example:text} (weighted by rarity {score:pct}, limit {$alike:pct}); {share:pct} of the file's accounts have such a twin.
WITH used AS MATERIALIZED (
  SELECT DISTINCT subject, 'device ' || device_id AS id FROM events WHERE device_id IS NOT NULL AND subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'card ' || card_number FROM events WHERE card_number IS NOT NULL AND subject IS NOT NULL AND NOT regexp_matches(card_number, '[*xX•]{2,}[^~]*$')
  UNION ALL SELECT DISTINCT subject, 'phone ' || phone_number FROM events WHERE phone_number IS NOT NULL AND subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'e-mail ' || email FROM events WHERE email IS NOT NULL AND subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'address ' || ip_address FROM events WHERE ip_address IS NOT NULL AND subject IS NOT NULL
),
total AS (SELECT count(DISTINCT subject) AS n FROM used),
rarity AS MATERIALIZED (SELECT id, count(*) AS users, ln(any_value(total.n) / count(*)) AS idf FROM used CROSS JOIN total GROUP BY id),
-- identifiers of many accounts tie nobody to anybody
tie AS MATERIALIZED (SELECT used.subject, id, idf FROM used JOIN rarity USING (id) WHERE users BETWEEN 2 AND 20),
pair AS (SELECT a.subject AS one, b.subject AS other, count(*) AS k, sum(a.idf) AS common, min(a.id) AS example FROM tie a JOIN tie b ON b.id = a.id AND b.subject > a.subject GROUP BY ALL HAVING count(*) >= $shared),
weight AS (SELECT used.subject, sum(idf) AS idf, count(*) AS n FROM used JOIN rarity USING (id) WHERE used.subject IN (SELECT one FROM pair UNION SELECT other FROM pair) GROUP BY used.subject),
alike AS (
  SELECT pair.*, x.n + y.n - k AS n, common / nullif(x.idf + y.idf - common, 0) AS score FROM pair JOIN weight x ON x.subject = one JOIN weight y ON y.subject = other
),
hit AS (SELECT * FROM alike WHERE score >= $alike),
share AS (SELECT (SELECT count(*) FROM (SELECT one FROM hit UNION SELECT other FROM hit)) / greatest(1, any_value(n)) AS share FROM total),
asked AS (SELECT DISTINCT subject FROM own),
fired AS (
  SELECT hit.*, share, least(1, 0.4 + 0.6 * (score - $alike) / (1.001 - $alike)) * least(1, greatest(0, (0.1 - share) / 0.08)) AS strength FROM hit CROSS JOIN share
  WHERE one IN (SELECT subject FROM asked) OR other IN (SELECT subject FROM asked)
),
both_have AS (SELECT one, other, a.id FROM fired JOIN tie a ON a.subject = one JOIN tie b ON b.subject = other AND b.id = a.id)
SELECT fired.one || ' and ' || fired.other AS key, any_value(strength) AS strength, list(DISTINCT r.row ORDER BY r.row) AS rows, fired.one AS one, fired.other AS other, any_value(k) AS k, any_value(fired.n) AS n,
  any_value(fired.example) AS example, any_value(score) AS score, any_value(share) AS share
FROM fired JOIN both_have USING (one, other)
  JOIN events r ON (r.subject = fired.one OR r.subject = fired.other) AND both_have.id IN ('device ' || r.device_id, 'card ' || r.card_number, 'phone ' || r.phone_number, 'e-mail ' || r.email, 'address ' || r.ip_address)
WHERE strength > 0
GROUP BY fired.one, fired.other
ORDER BY key
