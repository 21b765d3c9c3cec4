-- id: LNK-03
-- version: 2
-- title: Fan-in or fan-out
-- description: Within the window the account receives from, or pays to, far more different counterparties than others do. For its counterparties it counts less the more they are: in full up to ten.
-- needs: account, event_time, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.35
-- baseline: peers in the file; fixed limit
-- reference: AMLSim patterns fan-in and fan-out; 10 counterparties in 72 h is common practice
-- about: account
-- param: many | Counterparties that are many | 10 | 3 | 1000 | counterparties | practice: 10 in 72 h
-- param: hours | Length of the window | 72 | 1 | 720 | h | practice: 72 h
-- param: hub | Counterparties from which on it is taken for a public utility | 500 | 10 | 100000 | counterparties | ours
-- sentence: Account {account:text} {way:text} {k:int} counterparties within {length:span} from {first_at:time} on, {amount:money} in all (many are {$many:int}); {share:pct} of accounts that did so reach as many.
WITH asked AS (
  SELECT DISTINCT subject AS id FROM own WHERE subject IS NOT NULL
  UNION SELECT DISTINCT counterparty_id FROM own WHERE counterparty_id IS NOT NULL
),
flow AS (
  SELECT 'paid' AS way, subject AS id, counterparty_id AS other, t, row, row_key, amount FROM events
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND t IS NOT NULL
  UNION ALL
  SELECT 'was paid by', counterparty_id, subject, t, row, row_key, amount FROM events
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND t IS NOT NULL
),
e AS (
  SELECT flow.*, asked.id IS NOT NULL AS mine, hash(flow.id) % $peer_of = 0 AS peer
  FROM flow LEFT JOIN asked ON flow.id = asked.id WHERE asked.id IS NOT NULL OR hash(flow.id) % $peer_of = 0
),
sight AS (SELECT way, id, other, min(t) AS t, bool_or(mine) AS mine, bool_or(peer) AS peer FROM e GROUP BY ALL),
run AS (
  SELECT *, count(*) OVER (PARTITION BY way, id ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW) AS k,
    count(*) OVER (PARTITION BY way, id) AS ever
  FROM sight
),
peak AS (
  SELECT way, id, bool_or(mine) AS mine, bool_or(peer) AS peer, max(k) AS k, any_value(ever) AS ever, arg_max(t, (k, t)) AS last_at FROM run GROUP BY ALL
),
ladder AS (
  SELECT way, k, sum(count(*) FILTER (peer)) OVER (PARTITION BY way ORDER BY k DESC) / nullif(sum(count(*) FILTER (peer)) OVER (PARTITION BY way), 0) AS share
  FROM peak GROUP BY way, k
),
fired AS (
  SELECT peak.*, coalesce(share, 0) AS share,
    least(1, k / (2 * $many)) * least(1, greatest(0, (-log10(greatest(coalesce(share, 0), 1e-6)) - 0.5) / 1.0)) AS strength
  FROM peak JOIN ladder USING (way, k) WHERE mine AND k >= $many AND ever <= $hub
)
SELECT fired.id || ' ' || fired.way AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.id AS account, fired.way AS way, any_value(fired.k) AS k, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  coalesce(sum(e.amount)::DOUBLE, 0) AS amount, any_value(share) AS share, least(1, 10 / any_value(fired.k)) AS _bystander
FROM fired JOIN e ON e.id = fired.id AND e.way = fired.way AND e.t BETWEEN fired.last_at - $hours * 3600 AND fired.last_at
WHERE strength > 0
GROUP BY fired.id, fired.way
ORDER BY key
