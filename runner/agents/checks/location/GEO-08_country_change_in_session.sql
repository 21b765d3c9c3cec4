-- id: GEO-08
-- version: 3
-- title: Country changes within a session
-- description: Within one session, and minutes apart, the events come from two countries. Counts half where one of the addresses is a VPN or a proxy that the file
--   tells of, or both events are of one device, and a quarter where the coordinates have not moved: then it is the address that travels.
-- needs: session_id, event_time, ip_country|country
-- times: minute
-- group: country
-- unit: entity
-- weight: 0.35
-- baseline: peers in the file; fixed limit
-- reference: tirreno: country change inside a session of 30 minutes
-- min_rows: 2
-- param: minutes | Longest time between the two events | 30 | 1 | 1440 | min | tirreno: 30 min
-- sentence: {who:text}: session {session:text} went from {from:text} to {to:text} within {gap:span} at {at:time}; {share:few} of the comparable accounts have such a session.
WITH e AS (
  SELECT subject, coalesce(subject, row_key) AS who, session_id, coalesce(ip_country, country) AS item, coalesce(is_vpn, false) OR coalesce(is_proxy, false) OR coalesce(is_hosting, false) AS masked, device_id, latitude, longitude, t, row, row_key, mine, peer
  FROM cohort WHERE session_id IS NOT NULL AND t IS NOT NULL AND coalesce(ip_country, country) IS NOT NULL
),
step AS (
  SELECT *, lag(item) OVER w AS before, lag(row) OVER w AS row_before, t - lag(t) OVER w AS gap, masked OR lag(masked) OVER w OR coalesce(device_id = lag(device_id) OVER w, false) AS hidden,
    coalesce(abs(latitude - lag(latitude) OVER w) < 1 AND abs(longitude - lag(longitude) OVER w) < 1, false) AS still FROM e WINDOW w AS (PARTITION BY subject, session_id ORDER BY t, row_key)
),
changed AS (SELECT *, coalesce(before != item AND gap <= $minutes * 60, false) AS hit FROM step),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(hit) AS hit FROM changed WHERE peer GROUP BY who)),
first_hit AS (
  SELECT who, session_id, bool_or(mine) AS mine, bool_or(peer) AS peer, min(hidden::INT) AS hidden, min(still::INT) AS still, arg_min(before, (t, row_key)) AS "from", arg_min(item, (t, row_key)) AS "to", arg_min(gap, (t, row_key)) AS gap, min(t) AS at,
    arg_min([row_before, row], (t, row_key)) AS rows
  FROM changed WHERE hit GROUP BY ALL
)
SELECT who || ' in session ' || session_id AS key, CASE WHEN still = 1 THEN 0.25 WHEN hidden = 1 THEN 0.5 ELSE 1 END * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength, rows,
  who, session_id AS session, "from", "to", gap, "at", others(hits, others_n, peer::INT) AS share
FROM first_hit CROSS JOIN common
WHERE mine AND commonness(hits, others_n, peer::INT) < 0.2
ORDER BY key
