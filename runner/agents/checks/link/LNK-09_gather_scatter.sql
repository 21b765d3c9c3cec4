-- id: LNK-09
-- version: 3
-- title: Gathered, then scattered
-- description: Several accounts pay one, and then, with nothing in between, it pays nearly all of that on to several others: a collecting account. For the others it counts four tenths, and less where they are more than 25: they may be its victims.
-- needs: account, event_time, amount, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.45
-- baseline: fixed limits; how common it is among accounts that receive from several and pay several
-- reference: AMLSim: gather-scatter
-- about: account
-- param: many | Fewest payers, and fewest who are paid | 3 | 2 | 1000 | accounts | AMLSim: 3
-- param: share | Share of the sum that is paid on | 0.8 | 0.5 | 1 | share | FFIEC: 80 %
-- param: days | Longest time before, and after, the turn | 7 | 1 | 60 | days | ours
-- sentence: Account {account:text} was paid {came:money} by {payers:int} accounts and then paid {gone:money} to {payees:int} others ({ratio:pct}), all within {length:span} from {began:time} on; {common:few} of the comparable accounts did so.
WITH asked AS (SELECT DISTINCT subject AS id FROM own WHERE subject IS NOT NULL UNION SELECT DISTINCT counterparty_id FROM own WHERE counterparty_id IS NOT NULL),
flow AS (
  SELECT subject AS id, counterparty_id AS other, coalesce(currency, '') AS currency, -amount AS amount, t, row, row_key, in_scope FROM flows WHERE subject != counterparty_id AND amount > 0 AND t IS NOT NULL AND paid
  UNION ALL SELECT counterparty_id, subject, coalesce(currency, ''), amount, t, row, row_key, in_scope FROM flows WHERE subject != counterparty_id AND amount > 0 AND t IS NOT NULL AND paid
),
e AS (
  SELECT flow.*, asked.id IS NOT NULL AS mine, hash(flow.id) % $peer_of = 0 AS peer FROM flow LEFT JOIN asked ON flow.id = asked.id
  WHERE asked.id IS NOT NULL OR hash(flow.id) % $peer_of = 0
),
busy AS (SELECT id, currency, any_value(peer) AS peer FROM e GROUP BY id, currency HAVING count(DISTINCT other) FILTER (amount > 0) >= $many AND count(DISTINCT other) FILTER (amount < 0) >= $many),
-- a turn is where money begins to leave after some came in; what came before it and leaves after it, up to the next turn, belongs to it
ordered AS (
  SELECT e.*, amount < 0 AND lag(amount) OVER w > 0 AS turning, amount > 0 AND lag(amount) OVER w < 0 AS came_back FROM e SEMI JOIN busy USING (id, currency) WINDOW w AS (PARTITION BY id, currency ORDER BY t, amount DESC, row_key)
),
numbered AS (
  SELECT *, count(*) FILTER (came_back) OVER (PARTITION BY id, currency ORDER BY t, amount DESC, row_key) AS round FROM ordered
),
turn AS (SELECT id, currency, round, min(t) FILTER (turning) AS turned FROM numbered GROUP BY ALL HAVING bool_or(turning)),
near AS (SELECT numbered.*, turn.turned FROM numbered JOIN turn USING (id, currency, round) WHERE abs(t - turned) <= $days * 86400),
sums AS (
  SELECT id, currency, round, any_value(mine) AS mine, any_value(peer) AS peer, bool_or(in_scope) AS scoped, count(DISTINCT other) FILTER (amount > 0) AS payers, count(DISTINCT other) FILTER (amount < 0) AS payees,
    coalesce(sum(amount) FILTER (amount > 0), 0) AS came, coalesce(-sum(amount) FILTER (amount < 0), 0) AS gone, min(t) AS began, max(t) - min(t) AS length, list(row ORDER BY t, row_key) AS rows
  FROM near GROUP BY ALL HAVING payers >= $many AND payees >= $many AND gone BETWEEN $share * came AND 1.05 * came
),
best AS (SELECT * FROM sums QUALIFY row_number() OVER (PARTITION BY id ORDER BY scoped DESC, least(payers, payees) DESC, came DESC, round) = 1),
common AS (SELECT (SELECT count(*) FROM best WHERE peer) AS hits, (SELECT count(DISTINCT id) FROM busy WHERE peer) AS others_n),
fired AS (
  SELECT best.*, others(hits, others_n, peer::INT) AS common, least(1, 0.5 + 0.1 * (least(payers, payees) - $many)) * ramp(commonness(hits, others_n, peer::INT), 0.1, 0.02) AS strength FROM best CROSS JOIN common WHERE mine
)
SELECT id AS key, strength, rows, id AS account, payers, payees, came::DOUBLE AS came, gone::DOUBLE AS gone, (gone / came)::DOUBLE AS ratio, began, length, common, least(0.4, 10 / (payers + payees)) AS _bystander
FROM fired WHERE strength > 0
ORDER BY key
