-- id: PAY-10
-- version: 2
-- title: Account emptied in one payment
-- description: A payment takes all that the account held, or nearly all, which counts half.
-- needs: account, amount, balance_before
-- group: flow
-- unit: entity
-- weight: 0.3
-- baseline: how common it is in the file
-- reference: PaySim: fraud transfers the whole balance
-- strengths: row
-- param: share | Share of the balance that is nearly all | 0.98 | 0.8 | 1 | share | ours
-- sentence: Account {account:text}: {n:int} payment{n:s} of nearly all it held, such as {amount:money} of {held:money}; {share:few} of the comparable accounts have such a payment.
WITH e AS (
  SELECT subject, amount::DOUBLE AS amount, balance_before::DOUBLE AS held, t, row, row_key, mine, peer FROM cohort
  WHERE subject IS NOT NULL AND amount > 0 AND balance_before > 0 AND paid
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(amount >= $share * held AND amount <= 1.001 * held) AS hit FROM e WHERE peer GROUP BY subject)),
fired AS (
  -- a round balance is nearly emptied by chance; emptied to the cent it is not
  SELECT e.*, others(hits, others_n, peer::INT) AS share, CASE WHEN abs(amount - held) < 0.01 THEN 1 ELSE 0.5 END * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength FROM e CROSS JOIN common WHERE mine AND amount >= $share * held AND amount <= 1.001 * held
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, max(amount) AS amount, arg_max(held, (amount, -t)) AS held, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
