-- id: VEL-12
-- version: 2
-- title: Particulars changed again and again
-- description: The account's name, address, phone number or e-mail address changes several times within months, where those of other accounts stay.
-- needs: account, event_time, address|person_name|phone_number|email
-- group: takeover
-- unit: entity
-- weight: 0.2
-- baseline: own past; peers in the file; fixed limit
-- reference: Cybersource: 2 changes in 6 months
-- min_rows: 3
-- param: changes | Changes that are many | 2 | 1 | 50 | changes | Cybersource: 2
-- param: days | Length of the window | 180 | 1 | 730 | days | Cybersource: 6 months
-- unless: too_few_rows | SELECT 'too few events: the check needs 2 of one account, the most here are ' || coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) < 2
-- sentence: Account {account:text} changed its {what:text} {k:int} times within {length:span} from {first_at:time} on (many are {$changes:int}); {share:few} of the comparable accounts changed as often.
WITH e AS (
  SELECT subject, 'address' AS what, lower(address) AS item, t, row, row_key, mine, peer, in_scope FROM cohort WHERE address IS NOT NULL
  UNION ALL SELECT subject, 'name', lower(person_name), t, row, row_key, mine, peer, in_scope FROM cohort WHERE person_name IS NOT NULL
  UNION ALL SELECT subject, 'phone number', phone_number, t, row, row_key, mine, peer, in_scope FROM cohort WHERE phone_number IS NOT NULL
  UNION ALL SELECT subject, 'e-mail address', email, t, row, row_key, mine, peer, in_scope FROM cohort WHERE email IS NOT NULL
),
step AS (SELECT *, coalesce(item != lag(item) OVER w, false) AS changed FROM e WHERE subject IS NOT NULL AND t IS NOT NULL WINDOW w AS (PARTITION BY what, subject ORDER BY t, row_key)),
-- where it changes at every turn of others, it is not the account's own
turn AS (SELECT what, subject, count(*) FILTER (changed) AS hits, count(*) AS n FROM step WHERE peer GROUP BY ALL),
turns AS (SELECT what, sum(hits) AS hits, sum(n) AS n, count(*) AS accounts FROM turn GROUP BY what),
change AS (
  SELECT *, count(*) OVER w AS k, bool_or(in_scope) OVER w AS scoped FROM step WHERE changed
  WINDOW w AS (PARTITION BY what, subject ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
peak AS (SELECT what, subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(k, (scoped, k, t)) AS k, arg_max(t, (scoped, k, t)) AS last_at FROM change GROUP BY ALL),
ladder AS (
  SELECT what, k, sum(count(*) FILTER (peer)) OVER (PARTITION BY what ORDER BY k DESC) AS hits FROM peak GROUP BY what, k
),
fired AS (
  SELECT peak.*, others(ladder.hits, accounts, peer::INT) AS share, least(1, 0.5 * k / $changes) * ramp(coalesce(commonness(ladder.hits, accounts, peer::INT), 0), 0.1, 0.02)
      * ramp(coalesce(habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)), 0), 0.3, 0.1) AS strength
  FROM peak JOIN ladder USING (what, k) LEFT JOIN turn USING (what, subject) LEFT JOIN turns USING (what) WHERE mine AND k >= $changes
)
SELECT fired.subject || ', ' || fired.what AS key, any_value(strength) AS strength, list(c.row ORDER BY c.t, c.row_key) AS rows, fired.subject AS account, fired.what AS what,
  any_value(fired.k) AS k, min(c.t) AS first_at, max(c.t) - min(c.t) AS length, any_value(share) AS share
FROM fired JOIN change c ON c.what = fired.what AND c.subject = fired.subject AND c.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject, fired.what
ORDER BY key
