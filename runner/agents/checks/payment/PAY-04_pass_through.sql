-- id: PAY-04
-- version: 7
-- title: Money in, money out
-- description: Most of what the account receives leaves it again within a day, and nearly all of it: it passes money on. A single payment passed on counts where hardly anybody does so, and less. For those who paid in it counts four tenths, and less where the payments are more than 25: they may be its victims.
-- needs: account, event_time, amount, counterparty_id
-- group: flow
-- unit: entity
-- weight: 0.5
-- baseline: fixed limits; how common it is among accounts that receive and pay
-- reference: AMLSim, FFIEC: at least 80 % out within 24 h
-- about: account
-- param: share | Share of the inflow that leaves | 0.8 | 0.5 | 1 | share | FFIEC: 80 %
-- param: hours | Time within which it leaves | 24 | 1 | 720 | h | FFIEC: 24 h
-- param: times | Inflows that pass through, from which on it counts | 1 | 1 | 100 | inflows | ours
-- sentence: Account {account:text} received {came:money} in {n:int} payment{n:s} that left again within {$hours:int} h ({gone:money} out, the first at {first_at:time}); {common:few} of the comparable accounts pass money on so.
WITH asked AS (SELECT DISTINCT subject AS id FROM own WHERE subject IS NOT NULL UNION SELECT DISTINCT counterparty_id FROM own WHERE counterparty_id IS NOT NULL),
flow AS (
  SELECT subject AS id, coalesce(currency, '') AS currency, -amount AS amount, t, row, row_key FROM flows WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND amount > 0 AND t IS NOT NULL AND paid
  UNION ALL SELECT counterparty_id, coalesce(currency, ''), amount, t, row, row_key FROM flows WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND amount > 0 AND t IS NOT NULL AND paid
),
e AS (
  SELECT flow.*, asked.id IS NOT NULL AS mine, hash(flow.id) % $peer_of = 0 AS peer FROM flow LEFT JOIN asked ON flow.id = asked.id
  WHERE asked.id IS NOT NULL OR hash(flow.id) % $peer_of = 0
),
-- what leaves in the hours from an inflow on, over what came in during the same hours, and not much more than what came in around them; an inflow that nothing follows has not left
after AS (
  SELECT *, coalesce(-sum(least(amount, 0)) OVER w, 0) AS gone_next, sum(greatest(amount, 0)) OVER w AS came_next,
    sum(greatest(amount, 0)) OVER (PARTITION BY id, currency ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CAST($hours * 3600 AS BIGINT) FOLLOWING) AS came_near
  FROM e WINDOW w AS (PARTITION BY id, currency ORDER BY t RANGE BETWEEN CURRENT ROW AND CAST($hours * 3600 AS BIGINT) FOLLOWING)
),
passed AS (
  SELECT *, max(CASE WHEN amount > 0 AND gone_next >= $share * came_next AND gone_next <= 1.25 * came_near THEN t END)
    OVER (PARTITION BY id, currency ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW) IS NOT NULL AND (amount < 0 OR gone_next > 0) AS inside
  FROM after
),
account AS (
  SELECT id, currency, bool_or(mine) AS mine, bool_or(peer) AS peer, count(*) FILTER (amount > 0) AS n, sum(greatest(amount, 0)) AS came, min(t) AS first_at
  FROM passed WHERE inside GROUP BY id, currency HAVING count(*) FILTER (amount > 0) >= $times
),
inflow AS (SELECT id, currency, sum(amount) FILTER (amount > 0) AS all_in, bool_or(peer) AS peer FROM e GROUP BY id, currency HAVING count(*) FILTER (amount > 0) >= $times AND count(*) FILTER (amount < 0) >= 1),
common AS (SELECT (SELECT count(*) FROM account WHERE peer) AS hits, (SELECT count(*) FROM inflow WHERE peer) AS others_n),
fired AS (
  SELECT account.*, others(hits, others_n, account.peer::INT) AS common, (came / all_in)::DOUBLE * CASE WHEN n = 1 THEN 0.5 * rare(coalesce(commonness(hits, others_n, account.peer::INT), 1)) ELSE least(1, 0.4 + 0.15 * n) END * ramp(commonness(hits, others_n, account.peer::INT), 0.5, 0.1) AS strength
  FROM account JOIN inflow USING (id, currency) CROSS JOIN common WHERE account.mine
),
shown AS (SELECT passed.* FROM passed SEMI JOIN fired USING (id, currency) WHERE inside)
SELECT fired.id || CASE WHEN fired.currency = '' THEN '' ELSE ' in ' || fired.currency END AS key, any_value(strength) AS strength, list(shown.row ORDER BY shown.t, shown.row_key) AS rows, fired.id AS account, any_value(n) AS n, any_value(came)::DOUBLE AS came,
  (-sum(shown.amount) FILTER (shown.amount < 0))::DOUBLE AS gone, any_value(first_at) AS first_at, any_value(common) AS common, least(0.4, 10 / any_value(n)) AS _bystander
FROM fired JOIN shown ON shown.id = fired.id AND shown.currency = fired.currency
WHERE strength > 0
GROUP BY fired.id, fired.currency
ORDER BY key
