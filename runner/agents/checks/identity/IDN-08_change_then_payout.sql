-- id: IDN-08
-- version: 4
-- title: New password or address, then the money goes
-- description: The account changes its password, e-mail address or phone number and pays out, or transfers, within a day: the chain of an account takeover.
-- needs: account, event_time, event_type
-- times: hour
-- group: takeover
-- unit: entity
-- weight: 0.4
-- baseline: how often changes of comparable accounts are followed by a payout; fixed limit
-- reference: account-takeover chain; tirreno
-- min_rows: 2
-- param: hours | Time within which the money goes | 24 | 1 | 720 | h | practice: 24 h
-- unless: no_values | SELECT 'none of the kinds of events is known as a change of a password, an address or a number: there are ' || kinds FROM kinds_seen('events') WHERE NOT EXISTS (FROM (SELECT DISTINCT event_type FROM events) WHERE changes(spelt(event_type)))
-- unless: no_values | SELECT 'none of the kinds of events is known as a payout or a transfer: there are ' || kinds FROM kinds_seen('events') WHERE NOT EXISTS (FROM (SELECT DISTINCT event_type FROM events) WHERE transfer(spelt(event_type)))
-- sentence: Account {account:text} had "{change:text}" at {moment:time} and, {gap:span} later, "{act:text}"{paid:text}; {share:few} of the comparable accounts have such a chain.
WITH e AS (
  SELECT subject, spelt(event_type) AS kind, amount, currency, t, row, row_key, in_scope, mine, peer, coalesce(status_ok, true) AS done FROM cohort WHERE subject IS NOT NULL AND t IS NOT NULL AND event_type IS NOT NULL
),
change AS (
  SELECT * FROM e WHERE done AND changes(kind)
),
act AS (SELECT * FROM e WHERE done AND transfer(kind) AND NOT words(kind, 'receiv[a-z]*|incoming|inward|in|deposit[a-z]*|refund[a-z]*|cancel[a-z]*|request[a-z]*|viewed|fail[a-z]*')),
chain AS (
  SELECT c.subject, c.mine, c.peer, c.kind AS change, c.t AS moment, c.row AS change_row, c.row_key AS change_key, a.kind AS act, a.amount, a.currency, a.row AS act_row, a.t - c.t AS gap, a.row_key, (NOT (c.in_scope OR a.in_scope))::INT AS aside
  FROM change c JOIN act a ON a.subject = c.subject AND a.t BETWEEN c.t AND c.t + $hours * 3600
),
-- each account's nearest pair, of those that hold a row of the case
nearest AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_min(change, (aside, gap, moment, change_key, row_key)) AS change, arg_min(moment, (aside, gap, moment, change_key, row_key)) AS moment, arg_min(act, (aside, gap, moment, change_key, row_key)) AS act,
    arg_min(coalesce(' of ' || regexp_replace(replace(format('{:,.2f}', amount::DOUBLE), ',', chr(160)), '[.]00$', '') || coalesce(chr(160) || currency, ''), ''), (aside, gap, moment, change_key, row_key)) AS paid, arg_min(gap, (aside, gap, moment, change_key, row_key)) AS gap, arg_min([change_row, act_row], (aside, gap, moment, change_key, row_key)) AS rows
  FROM chain GROUP BY subject
),
common AS (SELECT (SELECT count(*) FROM nearest WHERE peer) AS hits, (SELECT count(DISTINCT subject) FROM e WHERE peer) AS others_n)
SELECT subject AS key, greatest(0.4, 1 - gap / ($hours * 3600)) * ramp(commonness(hits, others_n, peer::INT), 0.1, 0.02) AS strength, rows, subject AS account, change, moment, act, paid, gap, others(hits, others_n, peer::INT) AS share
FROM nearest CROSS JOIN common
WHERE mine AND commonness(hits, others_n, peer::INT) < 0.1
ORDER BY key
