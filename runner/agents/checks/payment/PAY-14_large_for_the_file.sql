-- id: PAY-14
-- version: 4
-- title: Amount far above what the file's accounts pay
-- description: An amount paid lies far outside the file's amounts in the same currency, measured by median and median absolute
--   deviation, and few payments are as large. Where a file of so many payments has one as large by chance, by the tail of all its amounts, it counts a third. A sum that recurs to the same payee, as rent and salaries do, is not judged.
-- needs: amount
-- group: amount
-- unit: entity
-- weight: 0.3
-- baseline: peers in the file, and chance in a file of its size
-- reference: Iglewicz and Hoaglin: modified z above 3.5
-- min_file_rows: 50
-- min_peers: 20
-- strengths: row
-- param: z | Modified z from which on an amount stands out | 3.5 | 2 | 20 | | Iglewicz and Hoaglin: 3.5
-- unless: no_baseline | SELECT 'too few payments to measure by: the check needs 50 of other accounts in one currency' WHERE NOT EXISTS (SELECT currency FROM cohort WHERE outgoing GROUP BY currency HAVING count(*) FILTER (peer) >= 50 AND bool_or(mine))
-- sentence: {who:text}: {n:int} payment{n:s} far above what the file's accounts pay, the largest {amount:money}, against a median of {median:money} in the file (modified z {top_z:num}, limit {$z:num}); {share:few} of the file's payments are as large.
WITH e AS (
  SELECT coalesce(subject, row_key) AS who, count(*) OVER (PARTITION BY coalesce(subject, row_key), currency) AS own_n, coalesce(currency, '') AS currency, amount::DOUBLE AS amount, t, row, row_key, mine, peer,
    coalesce(least(t - lag(t) OVER same, lead(t) OVER same - t) >= 6 * 86400, false) AS recurs
  FROM cohort WHERE outgoing
  WINDOW same AS (PARTITION BY subject, currency, coalesce(merchant_id, counterparty_id, ''), amount ORDER BY t, row_key)
),
centre AS (SELECT currency, median(amount) AS median, count(*) AS n FROM e WHERE peer GROUP BY currency HAVING count(*) >= 50),
width AS (
  SELECT currency, any_value(centre.median) AS median, any_value(n) AS n,
    greatest(median(abs(amount - centre.median)), 0.05 * any_value(centre.median)) AS mad
  FROM e JOIN centre USING (currency) WHERE peer GROUP BY currency
),
-- how large the file's amounts get by chance: the tail between the tenth and the hundredth part of the peers', drawn on
tail AS (
  SELECT currency, quantile_cont(ln(amount), 0.9) AS tenth, greatest(0.05, (quantile_cont(ln(amount), 0.99) - quantile_cont(ln(amount), 0.9)) / ln(10)) AS slope FROM e WHERE peer AND NOT recurs GROUP BY currency
),
far AS (
  SELECT e.*, width.median, width.n, 0.6745 * (amount - width.median) / mad AS z, width.n * $peer_of * 0.1 * exp(-(ln(amount) - tenth) / slope) AS expected FROM e JOIN width USING (currency) JOIN tail USING (currency)
  WHERE 0.6745 * (amount - width.median) / mad > $z AND NOT recurs
),
-- how many of the peers' payments are at least as large, told for each amount that stands out
ladder AS (
  SELECT currency, amount, sum(count(*) FILTER (peer)) OVER (PARTITION BY currency ORDER BY amount DESC) AS above FROM far GROUP BY currency, amount
),
judged AS (
  SELECT far.*, greatest(1, above) / n AS share, count(*) OVER (PARTITION BY who, currency ORDER BY amount DESC) AS own_above
  FROM far JOIN ladder USING (currency, amount) WHERE mine
),
fired AS (
  -- the tail's own rarity counts too: amounts are skewed, and in many files one in ten has a z above 3.5
  -- and an account of many payments has some such sooner than others: share times payments over those as large (Benjamini and Hochberg)
  SELECT *, ramp(-log10(share), 0.3, 3) * beyond AS row_strength, ramp(-log10(share * own_n / own_above), 0.3, 3) * beyond AS strength
  FROM (SELECT *, (1 + 2 * ramp(-log10(greatest(expected, 1e-6)), 0, 1.5)) / 3 AS beyond FROM judged)
)
SELECT who || CASE WHEN currency = '' THEN '' ELSE ' in ' || currency END AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(row_strength ORDER BY t, row_key) AS strengths,
  who, count(*) AS n, max(amount) AS amount, any_value(median) AS median, max(z) AS top_z, min(share) AS share
FROM fired WHERE row_strength > 0
GROUP BY who, currency HAVING max(strength) > 0
ORDER BY key
