-- id: PAY-09
-- version: 4
-- title: The same payment twice
-- description: The same account pays the same amount to the same merchant again within two minutes.
-- needs: account, event_time, amount, merchant_id|counterparty_id
-- times: minute
-- group: repeat
-- unit: entity
-- weight: 0.25
-- baseline: fixed limit; how common it is in the file
-- reference: duplicate-payment rule; also a fault in the data
-- min_rows: 2
-- param: seconds | Longest time between the two | 120 | 1 | 3600 | s | practice: 2 min
-- sentence: Account {account:text} paid {amount:money} to {payee:text} {n:int} times within {length:span} from {first_at:time} on; {share:few} of the comparable accounts have such repeats.
WITH e AS (
  SELECT subject, coalesce(merchant_id, counterparty_id) AS payee, amount, coalesce(currency, '') AS currency, coalesce(card_number, '') AS card, t, row, row_key, mine, peer FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND outgoing AND paid AND coalesce(merchant_id, counterparty_id) IS NOT NULL
),
link AS (SELECT *, coalesce(t - lag(t) OVER w > $seconds, true) AS starts FROM e WINDOW w AS (PARTITION BY subject, payee, amount, currency, card ORDER BY t, row_key)),
series AS (SELECT *, sum(starts::INT) OVER (PARTITION BY subject, payee, amount, currency, card ORDER BY t, row_key) AS id FROM link),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(NOT starts) AS hit FROM link WHERE peer GROUP BY subject)),
hit AS (
  SELECT subject, payee, amount, currency, card, id, bool_or(mine) AS mine, bool_or(peer) AS peer, count(*) AS n, min(t) AS first_at, max(t) - min(t) AS length, list(row ORDER BY t, row_key) AS rows, min_by(row_key, (t, row_key)) AS first_key
  FROM series GROUP BY ALL HAVING count(*) > 1
)
SELECT subject || ' from ' || first_key AS key, least(1, 0.4 + 0.2 * (n - 2)) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength, rows,
  subject AS account, payee, amount::DOUBLE AS amount, n, first_at, length, others(hits, others_n, peer::INT) AS share
FROM hit CROSS JOIN common
WHERE mine AND commonness(hits, others_n, peer::INT) < 0.2
ORDER BY key
