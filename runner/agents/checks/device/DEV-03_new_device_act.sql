-- id: DEV-03
-- version: 5
-- title: Sensitive act soon after a new device
-- description: An account with a past appears on a device for the first time and, soon after, changes its password or e-mail address, pays out,
--   or pays far more than it ever did. An act that the account has had before, on other devices, counts half.
-- needs: account, event_time, device_id, event_type|amount
-- times: hour
-- group: takeover
-- unit: pair
-- weight: 0.4
-- baseline: own past; how often new devices of the file are followed by such an act
-- reference: tirreno: 180 minutes
-- min_rows: 4
-- param: minutes | Time after the first sight of the device | 180 | 5 | 2880 | min | tirreno: 180 min
-- param: history | Earlier events that make a past | 3 | 1 | 1000 | events | ours
-- unless: too_few_rows | SELECT 'too few events: the check needs ' || ($history::BIGINT + 1) || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL AND device_id IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) <= $history
-- unless: no_values | SELECT 'none of the kinds of events is known as a change of a password or an address, or as a payout: there are ' || kinds FROM kinds_seen('events')
--   WHERE NOT EXISTS (FROM events WHERE amount IS NOT NULL) AND NOT EXISTS (FROM (SELECT DISTINCT event_type FROM events) WHERE changes(spelt(event_type)) OR payout(spelt(event_type)))
-- sentence: Account {account:text} first used device {device:text} at {first_at:time}, after {earlier:int} events on others, and[ {gap:span} later] {act:text}; {share:few} of the comparable new devices are followed by such an act.
WITH e AS (
  SELECT subject, device_id, t, row, row_key, mine, peer, amount, currency, spelt(event_type) AS kind, coalesce(status_ok, true) AS done, paid,
    row_number() OVER w - 1 AS earlier,
    max(amount) FILTER (paid) OVER (PARTITION BY subject, coalesce(currency, '') ORDER BY t, row_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS most,
    row_number() OVER (PARTITION BY subject, device_id ORDER BY t, row_key) = 1 AS first_time
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND device_id IS NOT NULL
  WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
sight AS (SELECT * FROM e WHERE first_time AND earlier >= $history),
act AS (
  SELECT s.subject, s.device_id, s.t AS first_at, s.earlier, s.row AS first_row, a.row AS act_row, s.row_key AS first_key, a.row_key AS act_key, a.t AS moment, s.mine, s.peer,
    CASE WHEN changes(a.kind) THEN 'had an act "' || a.kind || '"'
      WHEN payout(a.kind) THEN 'had an act "' || a.kind || '"'
      WHEN a.paid AND a.amount > 2 * a.most AND a.most > 0 THEN 'paid ' || regexp_replace(replace(format('{:,.2f}', a.amount::DOUBLE), ',', chr(160)), '[.]00$', '') || coalesce(chr(160) || a.currency, '') || ' (never more than ' || regexp_replace(replace(format('{:,.2f}', a.most::DOUBLE), ',', chr(160)), '[.]00$', '') || ' before)' END AS act
  FROM sight s JOIN e a ON a.subject = s.subject AND a.device_id = s.device_id AND a.t BETWEEN s.t AND s.t + $minutes * 60 AND a.done
),
first_act AS (
  SELECT subject, device_id, min_by(act, (moment, act_key)) FILTER (act IS NOT NULL) AS act, min_by(act_row, (moment, act_key)) FILTER (act IS NOT NULL) AS act_row,
    min(moment) FILTER (act IS NOT NULL) AS moment, any_value(first_at) AS first_at, any_value(first_row) AS first_row, any_value(earlier) AS earlier, bool_or(mine) AS mine, bool_or(peer) AS peer
  FROM act GROUP BY subject, device_id
),
followed AS (SELECT subject, count(act) AS hits, count(*) AS n FROM first_act WHERE peer GROUP BY subject),
common AS (SELECT sum(hits) AS hits, sum(n) AS n FROM followed),
-- what the account does at other times too
used AS (SELECT subject, kind, min(t) AS since FROM e WHERE kind IS NOT NULL GROUP BY ALL),
-- where accounts are on another device at nearly every event, a new one means nothing
step AS (SELECT subject, device_id != lag(device_id) OVER (PARTITION BY subject ORDER BY t, row_key) AS changed FROM e WHERE peer),
turn AS (SELECT subject, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step GROUP BY subject),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
judged AS (
  SELECT first_act.*, others(common.hits - coalesce(followed.hits, 0), common.n - coalesce(followed.n, 0), 0) AS share, coalesce(commonness(common.hits - coalesce(followed.hits, 0), common.n - coalesce(followed.n, 0), 0), 0) AS common,
    habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)) AS switching
  FROM first_act LEFT JOIN followed USING (subject) LEFT JOIN turn USING (subject) CROSS JOIN common CROSS JOIN turns WHERE mine AND act IS NOT NULL
)
SELECT judged.subject || ' on ' || device_id AS key, CASE WHEN act LIKE 'paid%' THEN 0.6 WHEN used.since < first_at THEN 0.5 ELSE 1 END * ramp(common, 0.3, 0.05) * ramp(coalesce(switching, 0), 0.8, 0.4) AS strength,
  CASE WHEN first_row = act_row THEN [act_row] ELSE [first_row, act_row] END AS rows,
  judged.subject AS account, device_id AS device, first_at, earlier, act, nullif(moment - first_at, 0) AS gap, share, switching
FROM judged LEFT JOIN used ON used.subject = judged.subject AND 'had an act "' || used.kind || '"' = act
WHERE common < 0.3 AND coalesce(switching, 0) < 0.8
ORDER BY key
