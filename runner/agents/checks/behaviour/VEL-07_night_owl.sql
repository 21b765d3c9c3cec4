-- id: VEL-07
-- version: 4
-- title: At night, unlike others
-- description: Far more of the account's events fall into the night than of the file's. By the clock of the browser where the file tells it, else by UTC. Weak alone.
-- needs: account, event_time
-- times: hour
-- group: hours
-- unit: entity
-- weight: 0.1
-- baseline: the file's share of nights, by a binomial tail, corrected for the number of accounts (Bonferroni); peers
-- reference: Fraud Detection Handbook: night until 6 h; tirreno: 0 to 5 h
-- min_rows: 10
-- min_peers: 20
-- param: until | Hour at which the night ends | 6 | 2 | 9 | h | Fraud Detection Handbook: 6 h
-- param: events | Fewest events | 10 | 5 | 1000 | events | ours
-- unless: too_few_rows | SELECT 'too few events: the check needs ' || $events::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) < $events
-- unless: no_baseline | SELECT 'most times of the file have no time of day' FROM cohort WHERE peer AND t IS NOT NULL HAVING avg((t % 86400 = 0)::INT) >= 0.5
-- sentence: Account {account:text}: {k:int} of {n:int} events ({ratio:pct}) between 0 and {$until:int} h, against {share:pct} of the others'; the odds of that by chance, one account of the file's {accounts:int} tried, are {p:odds}.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, (t + coalesce(tz_offset_minutes, 0) * 60) % 86400 BETWEEN 0 AND $until * 3600 - 1 AS night FROM cohort WHERE subject IS NOT NULL AND t IS NOT NULL
),
-- times without a time of day fall on midnight
clock AS (SELECT avg((t % 86400 = 0)::INT) < 0.5 AS told FROM e WHERE peer),
whole AS (SELECT count(*) FILTER (night) AS k, count(*) AS n, (SELECT count(DISTINCT subject) FROM events) AS accounts FROM e WHERE peer),
account AS (SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, count(*) AS n, count(*) FILTER (night) AS k FROM e GROUP BY subject HAVING count(*) >= $events),
-- by the nights of the others
common AS (
  SELECT account.*, whole.accounts, (whole.k - account.k * peer::INT) / nullif(whole.n - account.n * peer::INT, 0) AS told_share, (whole.k - account.k * peer::INT + 1) / (whole.n - account.n * peer::INT + 2) AS share FROM account CROSS JOIN whole
),
judged AS (
  -- Chernoff's bound on the binomial tail
  SELECT *, k / n AS ratio, CASE WHEN k <= share * n THEN 0 ELSE -n * (k / n * ln(k / n / share) + CASE WHEN k = n THEN 0 ELSE (1 - k / n) * ln((1 - k / n) / (1 - share)) END) / ln(10) END AS log_p
  FROM common CROSS JOIN clock WHERE told
),
-- where many accounts keep other hours, the file has people of several time zones
ladder AS (SELECT count(*) FILTER (peer AND log_p < -3) AS hits, count(*) FILTER (peer) AS others_n FROM judged),
fired AS (SELECT *, ramp(-log_p - log10(accounts), 2, 5) * ramp(commonness(hits, others_n, peer::INT), 0.1, 0.02) AS strength FROM judged CROSS JOIN ladder WHERE mine)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, any_value(k) AS k, any_value(n) AS n, any_value(ratio) AS ratio,
  any_value(told_share) AS share, any_value(accounts) AS accounts, least(1, pow(10, any_value(log_p)) * any_value(accounts)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.night
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
