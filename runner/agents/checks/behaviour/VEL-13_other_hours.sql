-- id: VEL-13
-- version: 2
-- title: Other hours than its own
-- description: Within a week far more of the account's activity falls into the night, or on Saturday and Sunday, than ever before. Counted by hours in which it was active, so that one visit of many
--   events is one. By the clock of the browser where the file tells it, else by UTC. Weak alone.
-- needs: account, event_time
-- times: hour
-- group: hours
-- unit: entity
-- weight: 0.1
-- baseline: the account's own past, by a binomial tail, corrected for the number of accounts and of weeks tried (Bonferroni); peers
-- reference: Fraud Detection Handbook: night until 6 h, weekends
-- min_rows: 25
-- min_peers: 20
-- param: until | Hour at which the night ends | 6 | 2 | 9 | h | Fraud Detection Handbook: 6 h
-- param: days | Length of the window | 7 | 1 | 60 | days | tirreno: 7 days
-- param: active | Fewest active hours within it | 5 | 3 | 1000 | hours | ours
-- param: past | Fewest active hours before it | 20 | 5 | 1000 | hours | ours
-- unless: no_baseline | SELECT 'most times of the file have no time of day' FROM cohort WHERE peer AND t IS NOT NULL HAVING avg((t % 86400 = 0)::INT) >= 0.5
-- sentence: Account {account:text} was active {k:int} of {n:int} hours {kind:text} in the {$days:int} days until {until_at:time}, and {past_k:int} of {past_n:int} before; the odds of that by chance, one account of the file's {accounts:int} and one of its weeks tried, are {p:odds}.
WITH e AS (
  SELECT subject, t, row, row_key, in_scope, mine, peer, t + coalesce(tz_offset_minutes, 0) * 60 AS local FROM cohort WHERE subject IS NOT NULL AND t IS NOT NULL
),
hour AS (
  SELECT subject, local // 3600 AS h, max(t) AS t, bool_or(in_scope) AS in_scope, bool_or(mine) AS mine, bool_or(peer) AS peer,
    min(local) % 86400 < $until * 3600 AS night, (min(local) // 86400 + 3) % 7 >= 5 AS weekend FROM e GROUP BY ALL
),
kinds AS (
  SELECT *, 'at night' AS kind, night AS odd FROM hour UNION ALL SELECT *, 'on Saturday or Sunday', weekend FROM hour
),
run AS (
  SELECT *, count(*) OVER w AS n, count(*) FILTER (odd) OVER w AS k, bool_or(in_scope) OVER w AS scoped, count(*) OVER before AS past_n, count(*) FILTER (odd) OVER before AS past_k, count(*) OVER (PARTITION BY subject, kind) AS tries
  FROM kinds
  WINDOW w AS (PARTITION BY subject, kind ORDER BY h RANGE BETWEEN CAST($days * 24 - 1 AS BIGINT) PRECEDING AND CURRENT ROW),
    before AS (PARTITION BY subject, kind ORDER BY h RANGE BETWEEN UNBOUNDED PRECEDING AND CAST($days * 24 AS BIGINT) PRECEDING)
),
judged AS (
  -- Chernoff's bound on the binomial tail, with one success and one failure added to the past
  SELECT *, (past_k + 1) / (past_n + 2) AS own, -n * (k / n * ln(k / n / own) + CASE WHEN k = n THEN 0 ELSE (1 - k / n) * ln((1 - k / n) / (1 - own)) END) / ln(10) + log10(2 * tries) AS log_p
  FROM run WHERE n >= $active AND past_n >= $past AND k > n * (past_k + 1) / (past_n + 2)
),
account AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(struct_pack(kind := kind, h := h, t := t, n := n, k := k, past_n := past_n, past_k := past_k, log_p := log_p), (scoped, -log_p, h, kind)) AS b FROM judged GROUP BY subject
),
old AS (SELECT DISTINCT subject, peer FROM run WHERE n >= $active AND past_n >= $past),
whole AS (SELECT count(DISTINCT subject) AS accounts FROM events),
ladder AS (SELECT (SELECT count(*) FROM account WHERE peer AND (b.log_p) < -2) AS hits, (SELECT count(*) FROM old WHERE peer) AS others_n),
fired AS (
  SELECT account.*, whole.accounts, ramp(-b.log_p - log10(whole.accounts), 0, 4) * ramp(commonness(hits, others_n, peer::INT), 0.1, 0.02) AS strength FROM account CROSS JOIN ladder CROSS JOIN whole WHERE -b.log_p - log10(whole.accounts) >= 3 AND mine
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, any_value(b.kind) AS kind, any_value(b.k) AS k, any_value(b.n) AS n,
  any_value(b.past_k) AS past_k, any_value(b.past_n) AS past_n, any_value(b.t) AS until_at, any_value(accounts) AS accounts, least(1, pow(10, any_value(b.log_p)) * any_value(accounts)) AS p
FROM fired JOIN hour ON hour.subject = fired.subject AND hour.h BETWEEN b.h - $days * 24 + 1 AND b.h AND CASE b.kind WHEN 'at night' THEN night ELSE weekend END JOIN e ON e.subject = hour.subject AND e.local // 3600 = hour.h
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
