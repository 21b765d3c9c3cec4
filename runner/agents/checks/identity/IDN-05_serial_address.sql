-- id: IDN-05
-- version: 3
-- title: E-mail addresses in series
-- description: Several accounts have e-mail addresses at one domain that differ only in a number, as john01, john02, john03: numbers of which each follows the one before within five, or at once where they may be years.
-- needs: user_id|account_id|card_number, email
-- group: e-mail
-- unit: entity
-- weight: 0.35
-- baseline: fixed limit; stems of the file
-- reference: tirreno; series of 4
-- param: series | Addresses that make a series | 4 | 3 | 1000 | accounts | ours
-- sentence: {k:int} accounts have addresses that differ only in a number, {stem:text}…@{domain:text}: {examples:text}; {share:few} of the file's other accounts are in such a series.

-- each account's addresses once: files have many rows an account
WITH address AS (SELECT DISTINCT subject, email FROM events WHERE subject IS NOT NULL AND email LIKE '_%@_%'),
e AS (
  SELECT subject, email, regexp_extract(lower(email), '^([a-z._-]{3,}?)([0-9]{1,8})@(.+)$', ['stem', 'number', 'domain']) AS part FROM address
),
named AS (SELECT subject, email, part.stem AS stem, TRY_CAST(part.number AS BIGINT) AS number, part.domain AS domain FROM e WHERE part.stem != ''),
-- numbers far apart are birth years and chance; a series is dense
step AS (SELECT *, number - lag(number) OVER (PARTITION BY stem, domain ORDER BY number) <= CASE WHEN number BETWEEN 1930 AND 2030 THEN 1 ELSE 5 END AS follows FROM named),
placed AS (SELECT *, count(*) FILTER (follows IS NOT TRUE) OVER (PARTITION BY stem, domain ORDER BY number RANGE UNBOUNDED PRECEDING) AS place FROM step),
asked AS (SELECT DISTINCT stem, domain, place FROM placed WHERE subject IN (SELECT subject FROM own)),
series AS (SELECT stem, domain, place, min(number) AS first, count(DISTINCT subject) AS k, count(DISTINCT number) AS numbers FROM placed GROUP BY ALL HAVING count(DISTINCT number) >= $series),
common AS (SELECT (SELECT coalesce(sum(k), 0) FROM series) AS hits, (SELECT count(DISTINCT subject) FROM e) AS others_n),
fired AS (
  SELECT series.*, others(hits, others_n, k) AS share, least(1, 0.5 + 0.1 * (numbers - $series)) * ramp(commonness(hits, others_n, k), 0.5, 0.1) AS strength FROM series SEMI JOIN asked USING (stem, domain, place) CROSS JOIN common
)
SELECT fired.stem || any_value(first) || '@' || fired.domain AS key, any_value(strength) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows, any_value(k) AS k, fired.stem AS stem, fired.domain AS domain,
  list_sort(list(DISTINCT lower(n.email)))[:3] AS examples, any_value(share) AS share
FROM fired JOIN placed n ON n.stem = fired.stem AND n.domain = fired.domain AND n.place = fired.place JOIN events r ON r.subject = n.subject AND r.email = n.email
WHERE strength > 0
GROUP BY fired.stem, fired.domain, fired.place
ORDER BY key
