-- id: PAY-05
-- version: 1
-- title: Round amounts
-- description: Far more of the account's amounts are whole hundreds than its peers' are.
-- needs: account, amount
-- group: amount-form
-- unit: entity
-- weight: 0.2
-- baseline: peers in the file, by a binomial tail
-- reference: FFIEC: round dollar amounts; binomial p below 1e-4
-- min_rows: 20
-- param: payments | Fewest payments | 20 | 10 | 10000 | payments | ours
-- param: step | What counts as round | 100 | 1 | 10000 | of the currency | FFIEC
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || $payments::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND amount > 0 GROUP BY subject) HAVING coalesce(max(n), 0) < $payments
-- sentence: Account {account:text}: {k:int} of {n:int} amounts ({ratio:pct}) are multiples of {$step:int}, against {share:pct} at its peers; the odds of that by chance are {p:odds}.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, amount % $step::DECIMAL(18,4) = 0 AS is_round FROM cohort WHERE subject IS NOT NULL AND amount > 0
),
common AS (SELECT (count(*) FILTER (is_round) + 1) / (count(*) + 2.0) AS share FROM e WHERE peer),
account AS (SELECT subject, count(*) AS n, count(*) FILTER (is_round) AS k FROM e WHERE mine GROUP BY subject HAVING count(*) >= $payments),
judged AS (
  -- Chernoff's bound on the binomial tail: n times the divergence of the two shares
  SELECT *, k / n::DOUBLE AS ratio,
    CASE WHEN k <= share * n THEN 0 ELSE -n * (k / n::DOUBLE * ln(k / n::DOUBLE / share) + CASE WHEN k = n THEN 0 ELSE (1 - k / n::DOUBLE) * ln((1 - k / n::DOUBLE) / (1 - share)) END) / ln(10) END AS log_p
  FROM account CROSS JOIN common
),
fired AS (SELECT *, least(1, (-log_p - 4) / 6) * least(1, greatest(0, (0.5 - share) / 0.4)) AS strength FROM judged WHERE log_p < -4)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, any_value(k) AS k, any_value(n) AS n,
  any_value(ratio) AS ratio, any_value(share) AS share, pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.is_round AND e.mine
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
