-- id: PAY-16
-- version: 1
-- title: Balance that does not add up
-- description: After the payment the account holds neither what it held less the amount nor that and the amount. Where the payment is larger than what was held, nothing
--   left is taken for right, since such files cut it there. In files whose balances seldom add up it says nothing.
-- needs: account, amount, balance_before, balance_after
-- group: flow
-- unit: entity
-- weight: 0.25
-- baseline: how often the balances of other accounts do not add up
-- reference: PaySim: balance before, amount, balance after
-- strengths: row
-- min_peers: 20
-- param: rounding | Difference that is rounding | 0.01 | 0 | 1000 | of the currency | ours
-- unless: no_values | SELECT 'none of the payments in question has its amount and both balances' WHERE NOT EXISTS (FROM own WHERE amount != 0 AND balance_before IS NOT NULL AND balance_after IS NOT NULL AND (balance_before != 0 OR balance_after != 0))
-- sentence: Account {account:text}: {n:int} payment{n:s} after which the balance is wrong, such as one of {amount:money} that left {remain:money} of {held:money}; {share:few} of the comparable payments do not add up.
WITH e AS (
  SELECT subject, abs(amount) AS amount, balance_before AS held, balance_after AS remain, t, row, row_key, mine, peer FROM cohort
  WHERE subject IS NOT NULL AND amount != 0 AND balance_before IS NOT NULL AND balance_after IS NOT NULL AND (balance_before != 0 OR balance_after != 0) AND coalesce(status_ok, true)
),
judged AS (
  SELECT *, abs(held - amount - remain) > $rounding AND abs(held + amount - remain) > $rounding AND NOT (remain = 0 AND amount > held) AS wrong FROM e
),
account AS (SELECT subject, count(*) FILTER (wrong) AS hits, count(*) AS n FROM judged WHERE peer GROUP BY subject),
common AS (SELECT sum(hits) AS hits, sum(n) AS others_n FROM account),
fired AS (
  SELECT judged.*, (common.hits - coalesce(account.hits, 0)) / nullif(others_n - coalesce(account.n, 0), 0) AS share,
    ramp((common.hits - coalesce(account.hits, 0) + 1) / (others_n - coalesce(account.n, 0) + 2), 0.2, 0.05) AS strength
  FROM judged LEFT JOIN account USING (subject) CROSS JOIN common WHERE mine AND wrong
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths, subject AS account, count(*) AS n,
  max(amount)::DOUBLE AS amount, arg_max(held, (amount, -t, row_key))::DOUBLE AS held, arg_max(remain, (amount, -t, row_key))::DOUBLE AS remain, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
