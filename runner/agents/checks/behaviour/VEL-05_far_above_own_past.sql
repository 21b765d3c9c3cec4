-- id: VEL-05
-- version: 2
-- title: Amount far above the account's own past
-- description: A payment lies far outside what the account pays, by median and median absolute deviation of all its payments in the currency, earlier and later.
--   Where those are nearly equal, five per cent of their median stands in for the deviation.
-- needs: account, event_time, amount
-- group: amount
-- unit: entity
-- weight: 0.35
-- baseline: the account's own payments, earlier and later; the peers' usual spread
-- reference: Iglewicz and Hoaglin: modified z above 3.5; Jube: twice the mean is weak
-- min_rows: 6
-- strengths: row
-- param: z | Modified z from which on an amount stands out | 3.5 | 2 | 20 | | Iglewicz and Hoaglin: 3.5
-- param: payments | Fewest payments of the account | 10 | 5 | 1000 | payments | Iglewicz and Hoaglin: 10
-- unless: too_few_rows | SELECT 'too few payments: the check needs ' || $payments::BIGINT || ' of one account, the most here are ' || coalesce(max(n), 0)
--   FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL AND amount > 0 GROUP BY subject, currency) HAVING coalesce(max(n), 0) < $payments
-- sentence: Account {account:text}: {n:int} payment{n:s} far above its usual, the largest {amount:money} at {at:time}, against a median of {median:money} over {own_n:int} payments (modified z {top_z:num}, limit {$z:num}); {share:pct} of comparable payments stand out as much.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row, row_key, mine, peer FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND amount > 0
),
centre AS (SELECT subject, currency, median(amount) AS median, count(*) AS n FROM e GROUP BY ALL HAVING count(*) >= $payments),
width AS (
  SELECT subject, currency, any_value(centre.median) AS median, any_value(n) AS n,
    median(abs(ln(amount / centre.median))) AS log_mad, bool_or(peer) AS peer,
    -- a floor on the width: a few alike payments do not make the next one strange
    greatest(median(abs(amount - centre.median)), 0.05 * any_value(centre.median)) AS mad
  FROM e JOIN centre USING (subject, currency) GROUP BY ALL
),
-- ten payments tell little of an account's spread: it is not taken to be narrower than the peers' usual one
usual AS (SELECT greatest(0.05, coalesce(median(log_mad), 0)) AS log_mad FROM width WHERE peer),
judged AS (
  SELECT e.*, width.median, width.n AS own_n, 0.6745 * (amount - width.median) / mad AS z, 0.6745 * ln(amount / width.median) / greatest(width.log_mad, usual.log_mad) AS log_z
  FROM e JOIN width USING (subject, currency) CROSS JOIN usual
),
far AS (
  SELECT *, count(*) OVER (PARTITION BY subject, currency ORDER BY z DESC) AS own_above, count(*) OVER (PARTITION BY subject ORDER BY floor(z * 2) DESC) AS own_step FROM judged WHERE z > $z
),
-- heavy tails are ordinary in many files: how often do peers' payments stand out by as much? An account of many
-- payments has some such sooner: share times payments over those as far out (Benjamini and Hochberg)
ladder AS (
  SELECT floor(z * 2) AS step, sum(count(*) FILTER (peer)) OVER (ORDER BY floor(z * 2) DESC) AS hits, (SELECT count(*) FROM judged WHERE peer) AS n FROM far GROUP BY floor(z * 2)
),
total AS (SELECT subject, count(*) AS n FROM judged GROUP BY subject),
fired AS (
  SELECT far.*, others(hits - own_step * peer::INT, ladder.n - total.n * peer::INT, 0) AS share, commonness(hits - own_step * peer::INT, ladder.n - total.n * peer::INT, 0) AS common, own_n / own_above AS chances,
    -- amounts are skewed: how strange one is shows on the scale of logarithms, where a long tail is short
    least(1, greatest(0, (log_z - 1.8) / 1.6)) AS level
  FROM far JOIN ladder ON ladder.step = floor(z * 2) JOIN total USING (subject) WHERE mine
),
graded AS (
  SELECT *, level * least(1, greatest(0, (-log10(greatest(common, 1e-6)) - 0.3) / 2)) AS row_strength,
    level * least(1, greatest(0, (-log10(greatest(common * chances, 1e-6)) - 0.3) / 1.2)) AS strength
  FROM fired
)
SELECT subject || CASE WHEN currency = '' THEN '' ELSE ' in ' || currency END AS key, max(strength) AS strength,
  list(row ORDER BY t, row_key) AS rows, list(row_strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, max(amount) AS amount, arg_max(t, (amount, -t)) AS at, any_value(median) AS median, any_value(own_n) AS own_n, max(z) AS top_z, min(share) AS share
FROM graded WHERE row_strength > 0
GROUP BY subject, currency HAVING max(strength) > 0
ORDER BY key
