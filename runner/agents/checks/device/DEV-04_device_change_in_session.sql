-- id: DEV-04
-- version: 3
-- title: Device changes within a session
-- description: Within one session, and minutes apart, the events come from two devices, or from two user agents where the file has no devices: the session was stolen.
-- needs: session_id, event_time, device_id|user_agent
-- times: minute
-- group: session
-- unit: entity
-- weight: 0.35
-- baseline: peers in the file; fixed limit
-- reference: tirreno: device change inside a session of 30 minutes
-- min_rows: 2
-- param: minutes | Longest time between the two events | 30 | 1 | 1440 | min | tirreno: 30 min
-- sentence: {who:text}: session {session:text} went from {from:text} to {to:text} within {gap:span} at {at:time}; {share:few} of the comparable accounts have such a session.
WITH e AS (
  SELECT subject, coalesce(subject, row_key) AS who, session_id, coalesce(device_id, user_agent) AS item, t, row, row_key, mine, peer
  FROM cohort WHERE session_id IS NOT NULL AND t IS NOT NULL AND coalesce(device_id, user_agent) IS NOT NULL
),
step AS (SELECT *, lag(item) OVER w AS before, lag(row) OVER w AS row_before, t - lag(t) OVER w AS gap FROM e WINDOW w AS (PARTITION BY subject, session_id ORDER BY t, row_key)),
changed AS (SELECT *, coalesce(before != item AND gap <= $minutes * 60, false) AS hit FROM step),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(hit) AS hit FROM changed WHERE peer GROUP BY who)),
first_hit AS (
  SELECT who, session_id, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_min(before, (t, row_key)) AS "from", arg_min(item, (t, row_key)) AS "to", arg_min(gap, (t, row_key)) AS gap, min(t) AS at,
    arg_min([row_before, row], (t, row_key)) AS rows
  FROM changed WHERE hit GROUP BY ALL
)
SELECT who || ' in session ' || session_id AS key, ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength, rows, who, session_id AS session, left("from", 60) AS "from", left("to", 60) AS "to", gap, "at", others(hits, others_n, peer::INT) AS share
FROM first_hit CROSS JOIN common
WHERE mine AND commonness(hits, others_n, peer::INT) < 0.2
ORDER BY key
