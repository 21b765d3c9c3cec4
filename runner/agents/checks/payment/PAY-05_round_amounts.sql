-- id: PAY-05
-- version: 4
-- title: Round amounts
-- description: Far more of the amounts that the account pays are whole hundreds than its peers' are.
-- needs: account, amount
-- group: amount-form
-- unit: entity
-- weight: 0.2
-- baseline: peers in the file, by a binomial tail
-- reference: FFIEC: round dollar amounts; binomial p below 1e-4
-- min_rows: 20
-- min_peers: 20
-- param: payments | Fewest payments | 20 | 10 | 10000 | payments | ours
-- param: step | What counts as round | 100 | 1 | 10000 | of the currency | FFIEC
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || $payments::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND outgoing GROUP BY subject) HAVING coalesce(max(n), 0) < $payments
-- sentence: Account {account:text}: {k:int} of {n:int} amounts ({ratio:pct}) are multiples of {$step:int}, against {share:pct} at its peers; the odds of that by chance are {p:odds}.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, t, row, row_key, mine, peer, amount % $step::DECIMAL(18,4) = 0 AS is_round FROM cohort WHERE subject IS NOT NULL AND outgoing
),
whole AS (SELECT currency, count(*) FILTER (is_round) AS k, count(*) AS n FROM e WHERE peer GROUP BY currency),
account AS (SELECT subject, currency, bool_or(peer) AS peer, count(*) AS n, count(*) FILTER (is_round) AS k FROM e WHERE mine GROUP BY ALL HAVING count(*) >= $payments),
-- by the payments of others in the same currency: of hundreds of yen all are round
common AS (
  SELECT account.*, (whole.k - account.k * peer::INT) / (whole.n - account.n * peer::INT) AS told_share, (whole.k - account.k * peer::INT + 1) / (whole.n - account.n * peer::INT + 2.0) AS share FROM account JOIN whole USING (currency) WHERE whole.n - account.n * peer::INT >= 20
),
judged AS (
  -- Chernoff's bound on the binomial tail: n times the divergence of the two shares
  SELECT *, k / n::DOUBLE AS ratio,
    CASE WHEN k <= share * n THEN 0 ELSE -n * (k / n::DOUBLE * ln(k / n::DOUBLE / share) + CASE WHEN k = n THEN 0 ELSE (1 - k / n::DOUBLE) * ln((1 - k / n::DOUBLE) / (1 - share)) END) / ln(10) END AS log_p
  FROM common
),
fired AS (SELECT *, least(1, (-log_p - 4) / 6) * ramp(share, 0.5, 0.1) AS strength FROM judged WHERE log_p < -4)
SELECT fired.subject || CASE WHEN fired.currency = '' THEN '' ELSE ' in ' || fired.currency END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, any_value(k) AS k, any_value(n) AS n,
  any_value(ratio) AS ratio, any_value(told_share) AS share, pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.currency = fired.currency AND e.is_round AND e.mine
WHERE strength > 0
GROUP BY fired.subject, fired.currency
ORDER BY key
