-- id: VEL-05
-- version: 4
-- title: Amount far above the account's own past
-- description: A payment by the account lies far outside what it pays, by median and median absolute deviation of its other payments in the currency: all but those of its dearest 30 days, week or day, the longest that leaves enough to measure by. A series of large payments is so no measure of itself.
--   Where those others are nearly equal, five per cent of their median stands in for the deviation, and no account's is taken to be narrower than the peers' usual one. A sum paid to the same payee a second time is no outlier. Where a file of so many payments has one as far out by chance, it counts a third.
-- needs: account, event_time, amount
-- group: amount
-- unit: entity
-- weight: 0.35
-- baseline: the account's own payments, earlier and later, outside its dearest time; the peers' usual spread; chance in the file
-- reference: Iglewicz and Hoaglin: modified z above 3.5; Jube: twice the mean is weak
-- min_rows: 6
-- strengths: row
-- param: z | Modified z from which on an amount stands out | 3.5 | 2 | 20 | | Iglewicz and Hoaglin: 3.5
-- param: payments | Fewest payments of the account | 10 | 5 | 1000 | payments | Iglewicz and Hoaglin: 10
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || $payments::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL AND outgoing GROUP BY subject, currency) HAVING coalesce(max(n), 0) < $payments
-- sentence: Account {account:text}: {n:int} payment{n:s} far above its usual, the largest {amount:money} at {at:time}, against a median of {median:money} over {own_n:int} other payments (modified z {top_z:num}, limit {$z:num}); {share:few} of the comparable payments stand out as much.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, coalesce(merchant_id, counterparty_id) AS payee, t, row, row_key, mine, peer FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND outgoing
),
-- the dearest time of each length
summed AS (
  SELECT subject, currency, t, sum(amount) OVER (o RANGE BETWEEN 2592000 PRECEDING AND CURRENT ROW) AS of_month, sum(amount) OVER (o RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW) AS of_week,
    sum(amount) OVER (o RANGE BETWEEN 86400 PRECEDING AND CURRENT ROW) AS of_day
  FROM e WINDOW o AS (PARTITION BY subject, currency ORDER BY t)
),
dearest AS (SELECT subject, currency, {'month': arg_max(t, (of_month, t)), 'week': arg_max(t, (of_week, t)), 'day': arg_max(t, (of_day, t))} AS until FROM summed GROUP BY ALL),
timed AS (
  SELECT e.*, until, t BETWEEN until.month - 2592000 AND until.month AS in_month, t BETWEEN until.week - 604800 AND until.week AS in_week, t BETWEEN until.day - 86400 AND until.day AS in_day FROM e JOIN dearest USING (subject, currency)
),
chosen AS (
  SELECT subject, currency, CASE WHEN count(*) FILTER (NOT in_month) >= $payments THEN 30 WHEN count(*) FILTER (NOT in_week) >= $payments THEN 7 WHEN count(*) FILTER (NOT in_day) >= $payments THEN 1 ELSE 0 END AS days
  FROM timed GROUP BY ALL HAVING count(*) >= $payments
),
measure AS (
  SELECT timed.* FROM timed JOIN chosen USING (subject, currency) WHERE NOT CASE days WHEN 30 THEN in_month WHEN 7 THEN in_week WHEN 1 THEN in_day ELSE false END
),
centre AS (SELECT subject, currency, median(amount) AS median, count(*) AS n FROM measure GROUP BY ALL),
width AS (
  SELECT subject, currency, any_value(centre.median) AS median, any_value(n) AS n,
    median(abs(ln(amount / centre.median))) AS log_mad, bool_or(peer) AS peer,
    -- a floor on the width: a few alike payments do not make the next one strange
    greatest(median(abs(amount - centre.median)), 0.05 * any_value(centre.median)) AS mad
  FROM measure JOIN centre USING (subject, currency) GROUP BY ALL
),
-- ten payments tell little of an account's spread: it is not taken to be narrower than the peers' usual one
usual AS (SELECT greatest(0.05, coalesce(median(log_mad), 0)) AS log_mad FROM width WHERE peer),
judged AS (
  SELECT e.*, width.median, width.n AS own_n, 0.6745 * (amount - width.median) / mad AS z, 0.6745 * ln(amount / width.median) / greatest(width.log_mad, usual.log_mad) AS log_z,
    -- rent and salaries: the same sum, to the same payee where the file has one, and weeks between
    coalesce(least(t - lag(t) OVER same, lead(t) OVER same - t) >= 6 * 86400, false) AS recurs
  FROM e JOIN width USING (subject, currency) CROSS JOIN usual
  WINDOW same AS (PARTITION BY subject, currency, coalesce(payee, ''), amount ORDER BY t, row_key)
),
-- how far out the file's payments go by chance: the tail between the tenth and the hundredth part of the peers', drawn on
tail AS (
  SELECT quantile_cont(log_z, 0.9) AS tenth, greatest(0.05, (quantile_cont(log_z, 0.99) - quantile_cont(log_z, 0.9)) / ln(10)) AS slope, count(*) AS n FROM judged WHERE peer AND NOT recurs
),
far AS (
  SELECT *, count(*) OVER (PARTITION BY subject, currency ORDER BY z DESC) AS own_above, count(*) OVER (PARTITION BY subject ORDER BY floor(z * 2) DESC) AS own_step FROM judged WHERE z > $z AND NOT recurs
),
-- heavy tails are ordinary in many files: how often do peers' payments stand out by as much? An account of many
-- payments has some such sooner: share times payments over those as far out (Benjamini and Hochberg)
ladder AS (
  SELECT floor(z * 2) AS step, sum(count(*) FILTER (peer)) OVER (ORDER BY floor(z * 2) DESC) AS hits, (SELECT count(*) FROM judged WHERE peer) AS n FROM far GROUP BY floor(z * 2)
),
total AS (SELECT subject, count(*) AS n FROM judged GROUP BY subject),
fired AS (
  SELECT far.*, others(hits - own_step * peer::INT, ladder.n - total.n * peer::INT, 0) AS share, commonness(hits - own_step * peer::INT, ladder.n - total.n * peer::INT, 0) AS common, total.n / own_above AS chances,
    CASE WHEN tail.n < 100 THEN 0 ELSE tail.n * $peer_of * 0.1 * exp(-(log_z - tenth) / slope) END AS expected,
    -- amounts are skewed: how strange one is shows on the scale of logarithms, where a long tail is short
    least(1, greatest(0, (log_z - 1.8) / 1.6)) AS level
  FROM far JOIN ladder ON ladder.step = floor(z * 2) JOIN total USING (subject) CROSS JOIN tail WHERE mine
),
graded AS (
  SELECT *, level * least(1, greatest(0, (-log10(greatest(common, 1e-6)) - 0.3) / 2)) AS row_strength,
    level * least(1, greatest(0, (-log10(greatest(common * chances, 1e-6)) - 0.3) / 1.2)) * (1 + 2 * ramp(-log10(greatest(expected, 1e-6)), 0, 1.5)) / 3 AS strength
  FROM fired
)
SELECT subject || CASE WHEN currency = '' THEN '' ELSE ' in ' || currency END AS key, max(strength) AS strength,
  list(row ORDER BY t, row_key) AS rows, list(row_strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, max(amount) AS amount, arg_max(t, (amount, -t)) AS at, any_value(median) AS median, any_value(own_n) AS own_n, max(z) AS top_z, min(share) AS share
FROM graded WHERE row_strength > 0
GROUP BY subject, currency HAVING max(strength) > 0
ORDER BY key
