-- id: VEL-06
-- version: 4
-- title: Far busier than in the weeks before
-- description: In one week the account has several times the events of its average week in the thirty days before, and half as many again as its busiest of that time; or in a day, a week or thirty days it pays several times what any such time before came to, and what the dearest of half of its peers does.
--   The largest payment of the time is not counted, so that one alone is no surge; nor is what was refused, given back or came in, or a sum that recurs to the same payee. A busy week counts half of what a dear time does.
-- needs: account, event_time
-- group: velocity
-- unit: entity
-- weight: 0.4
-- baseline: own past 30 days, and chance (Poisson, corrected for the weeks tried); own dearest time of the same length in a past of 30 days or more; peers in the file
-- reference: Fraud Detection Handbook: windows of 1, 7 and 30 days
-- min_rows: 6
-- param: ratio | Times the usual from which on it counts; a sum in full at twice that | 3 | 1.5 | 50 | times | ours
-- param: payments | Fewest payments before the time whose sum is judged | 10 | 5 | 1000 | payments | ours
-- unless: no_baseline | SELECT 'too short a past: the check needs 37 days of one account, the most here are ' || coalesce(max(days), 0) FROM (
--   SELECT (max(t) - min(t)) // 86400 AS days FROM own WHERE subject IS NOT NULL AND t IS NOT NULL GROUP BY subject) HAVING coalesce(max(days), 0) < 37
-- sentence: Account {account:text}: {n:int} {what:text}{n:s}[ of {sum:money} in all] in the {window:text} up to {at:time}, against [{usual:num} a week in the 30 days before][{dearest:money} in its dearest {window:text} before and {typical:money} in the dearest of half of its peers] ({times:num} times[ without the largest, of {largest:money}], limit {$ratio:num}); {share:few} of the comparable accounts have such a {window:text}.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer,
    count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW) AS n,
    count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 3196800 PRECEDING AND 604801 PRECEDING) AS past,
    bool_or(in_scope) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW) AS scoped, min(t) OVER (PARTITION BY subject) AS first_at
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL
),
-- who comes once a month is busy in every week in which he comes
weeks AS (
  SELECT *, max(n) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN 3196800 PRECEDING AND 604801 PRECEDING) AS busiest, count(*) OVER (PARTITION BY subject) AS tried FROM e
),
rated AS (
  SELECT *, past * 7 / 30.0 AS usual, n / greatest(past * 7 / 30.0, 0.25) AS times,
    -- log10 of the chance of so many, by Chernoff's bound on a Poisson tail around the usual week
    -(n * ln(n / greatest(past * 7 / 30.0, 0.25)) - n + greatest(past * 7 / 30.0, 0.25)) / ln(10) AS log_p
  FROM weeks WHERE t - first_at >= 3196800 AND past >= 1
),
-- each account's strangest week, of those that hold a row of the case
peak AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(t, (scoped, -log_p, t)) AS at, arg_max(n, (scoped, -log_p, t)) AS n, arg_max(usual, (scoped, -log_p, t)) AS usual,
    arg_max(times, (scoped, -log_p, t)) AS times, arg_max(log_p + log10(tried), (scoped, -log_p, t)) AS log_p
  FROM rated WHERE times >= $ratio AND n >= 4 AND n >= 1.5 * coalesce(busiest, 0) GROUP BY subject
),
common AS (SELECT (SELECT count(*) FROM peak WHERE peer) AS hits, (SELECT count(DISTINCT subject) FROM rated WHERE peer) AS others_n),
fired AS (
  SELECT peak.*, others(hits, others_n, peer::INT) AS share, ramp(-log_p, 2, 6) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) / 2 AS strength FROM peak CROSS JOIN common WHERE mine
),
spent AS (
  SELECT subject, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row, row_key, in_scope, mine, peer,
    -- rent and salaries: the same sum, to the same payee where the file has one, and weeks between
    coalesce(least(t - lag(t) OVER same, lead(t) OVER same - t) >= 6 * 86400, false) AS recurs
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND outgoing AND paid
  WINDOW same AS (PARTITION BY subject, currency, coalesce(merchant_id, counterparty_id, ''), amount ORDER BY t, row_key)
),
-- what was paid in the day, the week and the thirty days up to each payment
summed AS (
  SELECT subject, currency, t, mine, peer, days, days * 86400 AS width, sum(amount) OVER w AS whole, sum(amount) FILTER (NOT recurs) OVER w AS sum, max(amount) FILTER (NOT recurs) OVER w AS largest,
    count(*) FILTER (NOT recurs) OVER w AS n, bool_or(in_scope AND NOT recurs) OVER w AS scoped, min(t) OVER (PARTITION BY subject, currency, days) AS first_at
  FROM spent CROSS JOIN (VALUES (1), (7), (30)) AS lengths(days)
  WINDOW w AS (PARTITION BY subject, currency, days ORDER BY t RANGE BETWEEN days * 86400 PRECEDING AND CURRENT ROW)
),
before AS (
  SELECT *, max(whole) OVER p AS dearest, count(*) OVER p AS past FROM summed
  WINDOW p AS (PARTITION BY subject, currency, days ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND width + 1 PRECEDING)
),
typical AS (SELECT currency, days, median(most) AS typical FROM (SELECT subject, currency, days, max(whole) AS most FROM summed WHERE peer GROUP BY ALL) GROUP BY ALL),
measured AS (
  SELECT before.*, coalesce(typical, 0) AS typical, (sum - largest) / greatest(dearest, coalesce(typical, 0)) AS times FROM before LEFT JOIN typical USING (currency, days)
  WHERE past >= $payments AND t - width - first_at >= 2592000
),
surge AS (
  SELECT subject, currency, bool_or(mine) AS mine, bool_or(peer) AS peer,
    arg_max({'at': t, 'days': days, 'dearest': dearest, 'typical': typical, 'times': times, 'largest': largest}, (scoped, times, t)) AS top
  FROM measured WHERE times >= $ratio AND n >= 3 GROUP BY ALL
),
surges AS (SELECT (SELECT count(DISTINCT subject) FROM surge WHERE peer) AS hits, (SELECT count(DISTINCT subject) FROM measured WHERE peer) AS others_n),
dear AS (
  SELECT subject, currency, top.*, others(hits, others_n, peer::INT) AS share, ramp(ln(top.times / $ratio), 0, ln(2)) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength
  FROM surge CROSS JOIN surges WHERE mine
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account,
  any_value(fired.n) AS n, 'event' AS what, NULL::DOUBLE AS sum, 'week' AS "window", any_value(fired.at) AS at, any_value(fired.usual) AS usual, NULL::DOUBLE AS dearest, NULL::DOUBLE AS typical,
  any_value(fired.times) AS times, NULL::DOUBLE AS largest, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.at - 604800 AND fired.at
WHERE strength > 0
GROUP BY fired.subject
UNION ALL
SELECT dear.subject || ', sum' || CASE WHEN dear.currency = '' THEN '' ELSE ' in ' || dear.currency END, any_value(strength), list(row ORDER BY t, row_key), dear.subject,
  count(*), 'payment', sum(amount), CASE any_value(days) WHEN 1 THEN 'day' WHEN 7 THEN 'week' ELSE '30 days' END, any_value(dear.at), NULL, any_value(dearest), any_value(typical),
  any_value(times), any_value(largest), any_value(share)
FROM dear JOIN spent ON spent.subject = dear.subject AND spent.currency = dear.currency AND spent.t BETWEEN dear.at - dear.days * 86400 AND dear.at AND NOT recurs
WHERE strength > 0
GROUP BY dear.subject, dear.currency
ORDER BY key
