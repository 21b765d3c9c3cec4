-- id: IDN-06
-- version: 5
-- title: Payment right after sign-up
-- description: The account's first payment (in files without amounts: its first event) follows its sign-up within minutes or hours, where accounts of this file take longer. Within a week or a month it counts a little, where few do so.
-- needs: account, event_time, signup_time
-- times: minute
-- group: account-age
-- unit: entity
-- weight: 0.55
-- baseline: peers in the file; fixed limits
-- reference: tirreno (1, 7, 30 days); under an hour is strong, under a day medium
-- param: strong_minutes | Certainly too soon | 60 | 1 | 1440 | min | ours: under one hour is strong
-- param: medium_hours | Rather soon | 24 | 1 | 720 | h | tirreno: 1 day
-- param: weak_days | Soon | 7 | 1 | 90 | days | tirreno: 7 days
-- param: weakest_days | Young | 30 | 1 | 365 | days | tirreno: 30 days
-- unless: no_values | SELECT 'each event of the file is the sign-up itself' FROM events HAVING count(signup_time) > 0 AND bool_and(t = floor(epoch(signup_time))::BIGINT)
-- sentence: Account {account:text} signed up at {signed_up:time} and {did:text} {age:span} later; {share:few} of the comparable accounts are that quick.
WITH e AS (
  SELECT * FROM cohort WHERE subject IS NOT NULL AND signup_time IS NOT NULL AND t IS NOT NULL AND NOT coalesce(words(spelt(event_type), 'sign.?up|regist[a-z]*|(account|user|customer|profile).?creat[a-z]*|creat[a-z]*.?(account|user|customer|profile)') OR lower(event_type) IN ('create', 'created'), false)
),
-- the first payment; in files without amounts, the first event after the sign-up itself
first AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, min(floor(epoch(signup_time))::BIGINT) AS signed_up, min(t) AS used_at, arg_min(row, (t, row_key)) AS row,
    count(*) AS n, count(DISTINCT signup_time) AS times
  FROM e WHERE amount > 0 OR (SELECT count(amount) FROM e) = 0 GROUP BY subject
),
aged AS (
  SELECT *, used_at - signed_up AS age,
    CASE WHEN used_at - signed_up <= 60 THEN 1.0 WHEN used_at - signed_up <= $strong_minutes * 60 THEN 0.6 WHEN used_at - signed_up <= $medium_hours * 3600 THEN 0.3
      WHEN used_at - signed_up <= $weak_days * 86400 THEN 0.15 WHEN used_at - signed_up <= $weakest_days * 86400 THEN 0.08 END AS level
  FROM first WHERE used_at >= signed_up
),
-- an account signs up once: where most have several times of it, the column tells something else
steady AS (SELECT count(*) FILTER (times = 1) AS hits, count(*) AS n FROM first WHERE peer AND n > 1),
common AS (
  SELECT level, sum(count(*) FILTER (peer)) OVER (ORDER BY level DESC NULLS LAST) AS hits, sum(count(*) FILTER (peer)) OVER () AS others_n
  FROM aged GROUP BY level
),
judged AS (
  SELECT aged.*, others(common.hits, others_n, peer::INT) AS share, commonness(common.hits, others_n, peer::INT) AS common,
    coalesce(habit(steady.hits - (peer AND aged.n > 1 AND times = 1)::INT, steady.n - (peer AND aged.n > 1)::INT), 1) AS once
  FROM aged JOIN common USING (level) CROSS JOIN steady WHERE mine
)
SELECT subject AS key, level * CASE WHEN level = 1 THEN ramp(common, 0.2, 0.05) ELSE ramp(common, 0.12, 0.02) END * ramp(once, 0.5, 0.9) AS strength, [row] AS rows,
  subject AS account, signed_up, age, share, CASE WHEN (SELECT count(amount) FROM e) = 0 THEN 'was first used' ELSE 'made the first payment' END AS did
FROM judged
-- a week or a month is much in a handful of accounts
WHERE common < CASE WHEN level = 1 THEN 0.2 ELSE 0.12 END AND once > 0.5 AND (level >= 0.3 OR share IS NOT NULL)
ORDER BY key
