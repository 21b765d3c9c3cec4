-- id: PAY-08
-- version: 3
-- title: Refused, then a lower amount goes through
-- description: Within minutes the account's payments are refused one after the other with falling amounts, until one is accepted: someone looks for the limit of a card.
-- needs: account, event_time, amount, status
-- times: minute
-- group: probing
-- unit: entity
-- weight: 0.45
-- baseline: fixed limits; how common it is among accounts of the file
-- reference: Radar: retries
-- min_rows: 3
-- param: steps | Fewest refused steps | 2 | 1 | 50 | payments | ours
-- param: minutes | Longest time from first to last | 30 | 1 | 1440 | min | ours
-- unless: no_values | FROM untold('events', 'payment')
-- sentence: Account {account:text}: {n:int} payments were refused with falling amounts from {high:money} on, then {amount:money} went through at {moment:time}, {length:span} after the first; {share:few} of the comparable accounts had such a ladder.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, t, row, row_key, mine, peer, amount::DOUBLE AS amount, status_ok FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND amount > 0 AND status_ok IS NOT NULL
),
-- a new ladder starts where the amount does not fall, after a success, after a pause, and where nothing tells which of two came first
link AS (
  SELECT *, coalesce(lag(status_ok) OVER w OR currency != lag(currency) OVER w OR amount >= lag(amount) OVER w OR t - lag(t) OVER w NOT BETWEEN 1 AND $minutes * 60, true) AS starts FROM e WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
ladder AS (SELECT *, sum(starts::INT) OVER (PARTITION BY subject ORDER BY t, row_key) AS id FROM link),
-- of a long ladder, what lies within the time before it went through
ended AS (SELECT *, max(t) FILTER (status_ok) OVER (PARTITION BY subject, id) AS moment FROM ladder),
climb AS (
  SELECT subject, id, bool_or(mine) AS mine, bool_or(peer) AS peer, count(*) FILTER (NOT status_ok) AS n, bool_or(status_ok) AS success, max(amount) AS high,
    min(amount) AS amount, any_value(moment) AS moment, max(t) - min(t) AS length, list(row ORDER BY t, row_key) AS rows, min_by(row_key, (t, row_key)) AS first_key
  FROM ended WHERE t >= moment - $minutes * 60 GROUP BY subject, id
),
hit AS (SELECT * FROM climb WHERE success AND n >= $steps),
common AS (SELECT (SELECT count(DISTINCT subject) FROM hit WHERE peer) AS hits, (SELECT count(DISTINCT subject) FROM e WHERE peer) AS others_n)
SELECT subject || ' from ' || first_key AS key, least(1, 0.5 + 0.25 * (n - $steps)) * ramp(commonness(hits, others_n, peer::INT), 0.3, 0.05) AS strength, rows,
  subject AS account, n, high, amount, moment, length, others(hits, others_n, peer::INT) AS share
FROM hit CROSS JOIN common
WHERE mine AND commonness(hits, others_n, peer::INT) < 0.3
ORDER BY key
