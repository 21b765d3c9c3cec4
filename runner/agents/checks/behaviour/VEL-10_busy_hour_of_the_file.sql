-- id: VEL-10
-- version: 3
-- title: An hour of the file like no other
-- description: In one hour the whole file has far more events than the same hour of its other days: an attack, an outage that was caught up with, or a sale. An hour that is half as full on two other days is a habit, as of monthly debits. A hint about the file; it says little of one account.
-- needs: event_time
-- times: hour
-- group: file
-- unit: file
-- weight: 0.05
-- baseline: the file's own days, hour by hour; Poisson tail, corrected for over-dispersion and for the number of hours (Bonferroni)
-- reference: practice: p below 1e-6 against the median rate
-- min_file_rows: 500
-- param: days | Fewest days of the file | 7 | 3 | 1000 | days | ours
-- param: log_p | Odds below which an hour is strange, as a power of ten | 6 | 3 | 50 | | practice: 1e-6
-- unless: no_baseline | SELECT 'the file spans ' || days || ' days; the check needs ' || $days::BIGINT || ' to 4000' FROM (SELECT coalesce(max(t) // 86400 - min(t) // 86400 + 1, 0) AS days FROM events) WHERE days NOT BETWEEN $days AND 4000
-- sentence: In the hour from {at:time} on the file has {n:int} events, against {median:num} in the same hour of its {days:int} days (spread {spread:num} times that of chance); the odds of that by chance are {p:odds}.
WITH e AS (SELECT t // 3600 AS h, count(*) AS n FROM events WHERE t IS NOT NULL GROUP BY ALL),
span AS (SELECT min(h) // 24 AS first, max(h) // 24 AS last FROM e),
grid AS (SELECT unnest(generate_series(first * 24, last * 24 + 23)) AS h, last - first + 1 AS days FROM span WHERE last - first + 1 BETWEEN $days AND 4000),
hourly AS (SELECT grid.h, days, coalesce(n, 0) AS n FROM grid LEFT JOIN e USING (h)),
usual AS (SELECT h % 24 AS hour, median(n) AS told_median, greatest(0.5, told_median) AS median FROM hourly GROUP BY ALL),
-- the median of squared residuals over that of chance (0.455, chi-square of one degree), so that the strange hours do not set the measure
spread AS (SELECT greatest(1, median(pow(n - median, 2) / median) / 0.455) AS spread FROM hourly JOIN usual ON usual.hour = h % 24),
judged AS (
  SELECT hourly.*, told_median, median, spread, CASE WHEN n <= median THEN 0 ELSE -(n * ln(n / median) - n + median) / ln(10) / spread + log10(24 * days) END AS log_p
  FROM hourly JOIN usual ON usual.hour = h % 24 CROSS JOIN spread
),
fired AS (SELECT * FROM judged WHERE log_p < -$log_p AND n >= 20 AND (SELECT count(*) FROM hourly again WHERE again.h % 24 = judged.h % 24 AND again.n >= 0.5 * judged.n) < 3 ORDER BY log_p, h LIMIT 3)
SELECT 'hour ' || strftime(to_timestamp(fired.h * 3600) AT TIME ZONE 'UTC', '%Y-%m-%d %H:00') AS key, least(1, 0.5 - (any_value(log_p) + $log_p) / 20) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows,
  fired.h * 3600 AS at, any_value(n) AS n, any_value(told_median) AS median, any_value(days) AS days, any_value(spread) AS spread, pow(10, any_value(log_p)) AS p
FROM fired JOIN events r ON r.t BETWEEN fired.h * 3600 AND fired.h * 3600 + 3599
GROUP BY fired.h
ORDER BY key
