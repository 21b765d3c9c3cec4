-- id: GEO-06
-- version: 2
-- title: Time zone of the device and of the address differ
-- description: The clock of the device is hours away from the time zone of its IP address.
-- needs: account, tz_offset_minutes, ip_tz_offset_minutes
-- group: country
-- unit: entity
-- weight: 0.15
-- baseline: peers in the file; fixed limit
-- reference: Cybersource MM-TZTLO
-- strengths: row
-- param: hours | Smallest difference | 3 | 1 | 12 | h | ours
-- sentence: Account {account:text}: {n:int} event{n:s} with a clock up to {apart:num} h away from that of the IP address (limit {$hours:num} h); {share:few} of the comparable accounts have such events.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, tz_offset_minutes, ip_tz_offset_minutes,
    least(abs(tz_offset_minutes - ip_tz_offset_minutes), 1440 - abs(tz_offset_minutes - ip_tz_offset_minutes)) / 60.0 AS apart
  FROM cohort WHERE subject IS NOT NULL AND tz_offset_minutes IS NOT NULL AND ip_tz_offset_minutes IS NOT NULL
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(apart >= $hours) AS hit FROM e WHERE peer GROUP BY subject)),
fired AS (
  SELECT e.*, others(hits, others_n, peer::INT) AS share, least(1, 0.5 + (apart - $hours) / 6) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength
  FROM e CROSS JOIN common WHERE mine AND apart >= $hours
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, max(apart) AS apart, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
