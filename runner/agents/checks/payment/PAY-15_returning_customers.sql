-- id: PAY-15
-- version: 5
-- title: Merchant lived on by few customers
-- description: Far more of the merchant's payments are by customers that paid there before than at the file's other merchants, and than if its payments were dealt to the file's customers by how often they pay: cards are being drained there, or it sells to itself. A merchant that many of the file's customers know is not meant, nor is one with a single customer. For a customer that came once it counts as far as others than the most frequent one come again.
-- needs: account, merchant_id
-- group: merchant
-- unit: entity
-- weight: 0.3
-- baseline: other merchants of the file, and payments dealt at random to its customers, by a binomial tail and corrected for a customer's many merchants
-- reference: concentration of a merchant's takings; ours
-- min_file_rows: 100
-- strengths: row
-- param: payments | Fewest payments of the merchant | 3 | 2 | 1000 | payments | ours
-- unless: no_baseline | SELECT 'the accounts of this file are its merchants' WHERE NOT EXISTS (FROM own WHERE subject IS NOT NULL AND merchant_id IS NOT NULL AND subject != merchant_id)
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || $payments::BIGINT || ' of one merchant, the most here are ' || coalesce(max(n), 0) FROM (
--   SELECT count(*) AS n FROM events WHERE subject IS NOT NULL AND merchant_id IN (SELECT merchant_id FROM own) GROUP BY merchant_id) HAVING coalesce(max(n), 0) < $payments
-- unless: no_baseline | SELECT 'too few other merchants to compare with: the check needs 5, the file has ' || greatest(0, count(DISTINCT merchant_id) - 1) FROM events WHERE merchant_id IS NOT NULL HAVING count(DISTINCT merchant_id) <= 5
-- sentence: Merchant {merchant:text}: {k:int} of the {after:int} payments after the first are by customers that had paid there before ({ratio:pct}), which {returned:int} of its {customers:int} customers had; {others:pct} at the file's other merchants, {by_chance:pct} if payments were dealt to its customers at random. The odds of that by chance are {p:odds}.
WITH asked AS (SELECT DISTINCT merchant_id FROM own WHERE merchant_id IS NOT NULL),
shop AS (
  SELECT merchant_id, count(*) AS n, count(DISTINCT subject) AS customers, n - customers AS k, bool_or(merchant_id IN (SELECT merchant_id FROM asked)) AS mine,
    bool_or(hash(merchant_id) % $peer_of = 0) AS peer
  FROM events
  WHERE merchant_id IS NOT NULL AND subject IS NOT NULL AND coalesce(amount != 0, true) AND (merchant_id IN (SELECT merchant_id FROM asked) OR hash(merchant_id) % $peer_of = 0)
  GROUP BY merchant_id
),
-- each merchant's share counts alike, so that the strange ones do not set the measure
common AS (SELECT sum(k / (n - 1)) FILTER (n > 1) AS ratios, count(*) FILTER (n > 1) AS shops FROM shop WHERE peer),
-- how many customers pay how often
often AS (SELECT times, count(*) AS many FROM (SELECT count(*) AS times FROM events WHERE merchant_id IS NOT NULL AND subject IS NOT NULL AND coalesce(amount != 0, true) GROUP BY subject) GROUP BY times),
-- what n payments dealt to the customers by how often they pay would bring back: the larger a merchant, the more come again
dealt AS (
  SELECT merchant_id, greatest(0, any_value(n) - sum(many * (1 - pow(1 - times / total, n)))) / (any_value(n) - 1) AS by_chance, any_value(customers) / any_value(everybody) AS known, any_value(total / everybody) AS tried
  FROM shop CROSS JOIN often CROSS JOIN (SELECT sum(times * many) AS total, sum(many) AS everybody FROM often) WHERE mine AND n >= $payments AND n > 1 GROUP BY merchant_id
),
told AS (
  SELECT shop.*, tried, known, by_chance, (coalesce(ratios, 0) - CASE WHEN peer THEN k / (n - 1) ELSE 0 END) / (shops - peer::INT) AS others, least(1 - 1e-9, greatest(by_chance, (coalesce(ratios, 0) - CASE WHEN peer THEN k / (n - 1) ELSE 0 END + 1) / (shops - peer::INT + 2))) AS share
  FROM shop JOIN dealt USING (merchant_id) CROSS JOIN common
),
judged AS (
  SELECT *, k / (n - 1) AS ratio,
    CASE WHEN k <= share * (n - 1) THEN 0 ELSE -(n - 1) * (k / (n - 1) * ln(k / (n - 1) / share) + CASE WHEN k = n - 1 THEN 0 ELSE (1 - k / (n - 1)) * ln((1 - k / (n - 1)) / (1 - share)) END) / ln(10) END AS log_p
  FROM told
),
fired AS (SELECT *, least(1, (-log_p - log10(tried) - 1) / 4) * ramp(share, 0.5, 0.1) * ramp(known, 0.3, 0.1) AS strength FROM judged WHERE -log_p > log10(tried) + 1.3 AND customers > 1),
-- a customer that came once is told as far as others than the most frequent come again
visit AS (
  SELECT e.*, fired.* EXCLUDE (merchant_id, mine, peer), count(*) OVER (PARTITION BY e.merchant_id, subject) AS times FROM fired JOIN events e ON e.merchant_id = fired.merchant_id WHERE e.subject IS NOT NULL AND coalesce(e.amount != 0, true)
),
graded AS (SELECT *, strength * CASE WHEN times > 1 THEN 1 ELSE 1 - (max(times) OVER (PARTITION BY merchant_id) - 1) / (k + 1) END AS row_strength FROM visit WHERE strength > 0)
SELECT merchant_id AS key, any_value(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(row_strength::DOUBLE ORDER BY t, row_key) AS strengths, merchant_id AS merchant, any_value(k) AS k, any_value(n) - 1 AS after,
  count(DISTINCT subject) FILTER (times > 1) AS returned, any_value(customers) AS customers, any_value(ratio) AS ratio, any_value(others) AS others, any_value(by_chance) AS by_chance, pow(10, any_value(log_p)) AS p
FROM graded
GROUP BY merchant_id
ORDER BY key
