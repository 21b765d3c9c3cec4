-- id: NET-02
-- version: 3
-- title: Many IP addresses on one account
-- description: The account appears from many IP addresses within the window, where accounts of this file keep to few. Counts half where it uses one device in all of them, and a third where
--   its coordinates do not move: a traveller, or a VPN.
-- needs: account, event_time, ip_address
-- group: country
-- unit: entity
-- weight: 0.2
-- baseline: peers in the file, and how often accounts of the file change their address; fixed limit
-- reference: tirreno: more than 9 IP addresses
-- param: many | Addresses above which it counts in full; fewer count less | 9 | 2 | 200 | addresses | tirreno: more than 9 IP addresses
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- sentence: Account {account:text} used {k:int} addresses within {length:span} in {n:int} event{n:s} from {first_at:time} on (many are more than {$many:int}); {share:pct} of comparable accounts use as many, and an account changes its address from one event to the next in {switching:pct} of cases.
WITH e AS (
  SELECT subject, ip_address AS item, device_id, latitude, longitude, t, row, row_key, mine, peer, in_scope FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND ip_address IS NOT NULL
),
-- how often the next event of other accounts shows another address: where nearly always, many addresses mean nothing
step AS (SELECT subject, item != lag(item) OVER (PARTITION BY subject ORDER BY t, row_key) AS changed FROM e WHERE peer),
turn AS (SELECT subject, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step GROUP BY subject),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
account AS (SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, min(item) != max(item) AS several FROM e GROUP BY subject),
run AS (
  SELECT subject, t, count(DISTINCT item) OVER w AS k, bool_or(in_scope) OVER w AS scoped FROM e SEMI JOIN (SELECT subject FROM account WHERE several) USING (subject)
  WINDOW w AS (PARTITION BY subject ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- each account's fullest window, of those that hold a row of the case
top AS (SELECT subject, arg_max(k, (scoped, k, t)) AS k, arg_max(t, (scoped, k, t)) AS last_at FROM run GROUP BY subject),
peak AS (SELECT account.*, coalesce(k, 1) AS k, last_at FROM account LEFT JOIN top USING (subject)),
devices AS (
  SELECT peak.subject, count(DISTINCT device_id) AS n,
    coalesce(count(latitude) > count(*) / 2 AND stddev_pop(latitude) < 0.5 AND stddev_pop(longitude) < 0.5, false) AS still
  FROM peak JOIN e ON e.subject = peak.subject AND e.t BETWEEN peak.last_at - $days * 86400 AND peak.last_at WHERE peak.mine GROUP BY peak.subject
),
ladder AS (SELECT k, sum(count(*) FILTER (peer)) OVER (ORDER BY k DESC) AS hits, sum(count(*) FILTER (peer)) OVER () AS n FROM peak GROUP BY k),
judged AS (
  SELECT peak.*, others(ladder.hits, ladder.n, peer::INT) AS share, commonness(ladder.hits, ladder.n, peer::INT) AS common,
    habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)) AS switching
  FROM peak JOIN ladder USING (k) LEFT JOIN turn USING (subject) CROSS JOIN turns WHERE mine AND k > 1
),
fired AS (
  SELECT judged.*, CASE WHEN still THEN 0.33 WHEN devices.n = 1 THEN 0.5 ELSE 1 END * least(1, (k - 1) / $many) * rare(common) * ramp(coalesce(switching, 0), 0.9, 0.6) AS strength
  FROM judged JOIN devices USING (subject)
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  fired.subject AS account, any_value(fired.k) AS k, count(*) AS n, min(e.t) AS first_at, max(e.t) - min(e.t) AS length,
  any_value(share) AS share, any_value(switching) AS switching
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.last_at - $days * 86400 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
