-- id: NET-04
-- version: 6
-- title: One address fails to log in to many accounts
-- description: From one IP address many accounts are tried within minutes, and nearly every try fails: stolen passwords are being tested. It counts in full for the address, and for an account that was tried in vain four tenths: it is a target, and nobody got in.
-- needs: account, event_time, ip_address, status
-- times: minute
-- group: credentials
-- unit: entity
-- weight: 0.6
-- baseline: fixed limits; how common such addresses are in the file
-- reference: pattern in tirreno and Entra; numbers ours
-- about: item
-- strengths: row
-- param: accounts | Fewest accounts | 5 | 3 | 1000 | accounts | ours
-- param: minutes | Length of the window | 10 | 1 | 1440 | min | ours
-- param: failed | Smallest share of failures | 0.8 | 0.5 | 1 | share | ours
-- unless: no_values | FROM untold('events', 'login')
-- unless: no_values | SELECT 'none of the rows in question is a log-in that worked or failed' WHERE NOT EXISTS (FROM own WHERE ip_address IS NOT NULL AND status_ok IS NOT NULL AND coalesce(login, amount IS NULL))
-- sentence: From {item:text}, {k:int} accounts were tried within {length:span} from {first_at:time} on; {bad:int} of {n:int} tries failed ({ratio:pct}, limit {$failed:pct}).
WITH asked AS (SELECT DISTINCT ip_address AS item FROM own WHERE ip_address IS NOT NULL),
-- without event types a row with an amount is a payment, and no log-in
e AS (
  SELECT subject, ip_address AS item, t, row, row_key, status_ok, in_scope, asked.item IS NOT NULL AS mine, hash(ip_address) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON ip_address = asked.item
  WHERE t IS NOT NULL AND subject IS NOT NULL AND ip_address IS NOT NULL AND status_ok IS NOT NULL
    AND coalesce(login, amount IS NULL)
    AND (asked.item IS NOT NULL OR hash(ip_address) % $peer_of = 0)
),
busy AS (SELECT item FROM e WHERE NOT status_ok GROUP BY item HAVING count(DISTINCT subject) >= $accounts),
counts AS (
  SELECT e.*, count(*) OVER w AS n, count(*) FILTER (NOT status_ok) OVER w AS bad, count(DISTINCT subject) OVER w AS k
  FROM e SEMI JOIN busy USING (item) WINDOW w AS (PARTITION BY item ORDER BY t RANGE BETWEEN CAST($minutes * 60 AS BIGINT) PRECEDING AND CURRENT ROW)
),
run AS (SELECT *, subject AS who, CASE WHEN k >= $accounts AND bad >= $failed * n THEN {'k': k, 'bad': bad} END AS size FROM counts),
seen AS MATERIALIZED (FROM fullest('run', CAST($minutes * 60 AS BIGINT))),
best AS (SELECT DISTINCT item, best.at AS last_at, mine, peer, unnest(best.size) FROM seen WHERE best IS NOT NULL),
common AS (
  SELECT (SELECT count(DISTINCT item) FROM run WHERE peer AND size IS NOT NULL) AS hits, (SELECT count(DISTINCT item) FROM e WHERE peer) AS others_n
),
fired AS (
  SELECT best.*, row_number() OVER (PARTITION BY item ORDER BY k DESC, bad DESC, last_at DESC) AS place,
    least(1, 0.6 + 0.4 * (k - $accounts) / $accounts) * ramp(commonness(hits, others_n, peer::INT), 0.5, 0.1) AS strength FROM best CROSS JOIN common WHERE mine
)
SELECT fired.item || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  list((coalesce(e.best.at = last_at, false)::INT * CASE WHEN status_ok THEN strength ELSE 0.4 * strength END)::DOUBLE ORDER BY e.t, e.row_key) AS strengths, fired.item AS item, any_value(fired.k) AS k, count(*) AS n,
  count(*) FILTER (NOT status_ok) AS bad, avg((NOT status_ok)::INT) AS ratio, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, 1.0 AS _bystander
FROM fired JOIN seen e ON e.item = fired.item AND e.t BETWEEN fired.last_at - $minutes * 60 AND fired.last_at
WHERE strength > 0
GROUP BY fired.item, last_at
ORDER BY key
