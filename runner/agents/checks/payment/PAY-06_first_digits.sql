-- id: PAY-06
-- version: 1
-- title: First digits that do not follow Benford
-- description: The first digits of the account's amounts are far from Benford's law, in a file whose amounts as a whole keep to it and span several orders of magnitude. A hint that amounts were made up; prices from a fixed list do the same.
-- needs: account, amount
-- group: round
-- unit: entity
-- weight: 0.08
-- baseline: Benford's law, where the file as a whole keeps to it
-- reference: Nigrini: mean absolute deviation above .015 does not conform
-- min_rows: 300
-- min_file_rows: 1000
-- param: mad | Mean absolute deviation from which on it does not conform | 0.015 | 0.006 | 0.1 | share | Nigrini: 0.015
-- param: payments | Fewest payments of the account | 300 | 100 | 100000 | payments | practice: 300
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || $payments::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND amount > 0 GROUP BY subject) HAVING coalesce(max(n), 0) < $payments
-- unless: no_baseline | SELECT CASE WHEN max(amount) < 100 * greatest(min(amount), 0.01) THEN 'the amounts of the file span less than two orders of magnitude, and do not follow Benford''s law by nature' END FROM cohort WHERE peer AND subject IS NOT NULL AND amount > 0
-- unless: no_baseline | SELECT 'the amounts of the file as a whole do not follow Benford''s law (mean deviation ' || round(100 * mad, 2) || ' points of a hundred)' FROM (
--   SELECT sum(abs(coalesce(n, 0) / total - log10(1 + 1 / d))) / 9 AS mad FROM generate_series(1, 9) s(d) LEFT JOIN (
--   SELECT left(ltrim(amount::VARCHAR, '0.'), 1)::INT AS digit, count(*) AS n, sum(count(*)) OVER () AS total FROM cohort WHERE peer AND subject IS NOT NULL AND amount > 0 GROUP BY ALL) ON digit = d) WHERE mad > $mad
-- sentence: Account {account:text}: {k:int} of {n:int} amounts begin with {digit:int} ({ratio:pct}; Benford {expected:pct}); the mean deviation over all digits is {mad:num} points of a hundred, that of the file {file_mad:num}.
WITH e AS (
  SELECT subject, amount, left(ltrim(abs(amount)::VARCHAR, '0.'), 1)::INT AS digit, t, row, row_key, mine, peer FROM cohort WHERE subject IS NOT NULL AND amount > 0
),
law AS (SELECT d::INT AS digit, log10(1 + 1 / d) AS expected FROM generate_series(1, 9) s(d)),
whole AS (
  SELECT avg(abs(coalesce(n, 0) / total - expected)) AS file_mad, any_value(width) AS width
  FROM law LEFT JOIN (SELECT digit, count(*) AS n FROM e WHERE peer GROUP BY digit) USING (digit) CROSS JOIN (SELECT count(*) AS total, max(amount)::DOUBLE / greatest(min(amount), 0.01)::DOUBLE AS width FROM e WHERE peer)
),
account AS (SELECT subject, count(*) AS total, max(amount)::DOUBLE / min(amount)::DOUBLE AS own_width FROM e WHERE mine GROUP BY subject HAVING count(*) >= $payments),
counted AS (SELECT subject, digit, count(*) AS n FROM e SEMI JOIN account USING (subject) WHERE mine GROUP BY ALL),
judged AS (
  SELECT subject, any_value(total) AS n, avg(abs(coalesce(counted.n, 0) / total - expected)) AS mad, arg_max(digit, coalesce(counted.n, 0) / total - expected) AS digit,
    arg_max(expected, coalesce(counted.n, 0) / total - expected) AS expected
  FROM account CROSS JOIN law LEFT JOIN counted USING (subject, digit) WHERE own_width >= 100 GROUP BY subject
),
-- what chance alone brings: with n payments the mean deviation is about 0.0814 x sqrt(9 / n) / 3 x 0.8
fired AS (SELECT judged.*, file_mad, least(1, (mad - $mad - 0.24 / sqrt(n)) / 0.03) AS strength FROM judged CROSS JOIN whole WHERE file_mad <= $mad AND width >= 100 AND mad > $mad + 0.24 / sqrt(n))
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, count(*) AS k, any_value(fired.n) AS n, any_value(fired.digit) AS digit,
  count(*) / any_value(fired.n) AS ratio, any_value(expected) AS expected, 100 * any_value(mad) AS mad, 100 * any_value(file_mad) AS file_mad
FROM fired JOIN e ON e.subject = fired.subject AND e.digit = fired.digit AND e.mine
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
