-- id: IDN-05
-- version: 2
-- title: E-mail addresses in series
-- description: Several accounts have e-mail addresses at one domain that differ only in a number, as john01, john02, john03.
-- needs: user_id|account_id|card_number, email
-- group: e-mail
-- unit: entity
-- weight: 0.35
-- baseline: fixed limit; stems of the file
-- reference: tirreno; series of 4
-- param: series | Addresses that make a series | 4 | 3 | 1000 | accounts | ours
-- sentence: {k:int} accounts have addresses that differ only in a number, {stem:text}…@{domain:text}: {examples:text}; {share:pct} of the file's other accounts are in such a series.

-- each account's addresses once: files have many rows an account
WITH address AS (SELECT DISTINCT subject, email FROM events WHERE subject IS NOT NULL AND email LIKE '_%@_%'),
e AS (
  SELECT subject, email, regexp_extract(lower(email), '^([a-z._-]{3,}?)([0-9]{1,8})@(.+)$', ['stem', 'number', 'domain']) AS part FROM address
),
named AS (SELECT subject, email, part.stem AS stem, TRY_CAST(part.number AS BIGINT) AS number, part.domain AS domain FROM e WHERE part.stem != ''),
asked AS (SELECT DISTINCT stem, domain FROM named WHERE subject IN (SELECT subject FROM own)),
stem AS (
  SELECT stem, domain, count(DISTINCT subject) AS k, count(DISTINCT number) AS numbers, max(number) - min(number) AS width FROM named GROUP BY ALL
  -- numbers far apart are birth years and chance; a series is dense
  HAVING count(DISTINCT number) >= $series AND max(number) - min(number) <= 5 * count(DISTINCT number)
),
common AS (SELECT (SELECT coalesce(sum(k), 0) FROM stem) AS hits, (SELECT count(DISTINCT subject) FROM e) AS others_n),
fired AS (
  SELECT stem.*, others(hits, others_n, k) AS share, least(1, 0.5 + 0.1 * (numbers - $series)) * ramp(commonness(hits, others_n, k, weight := k), 0.5, 0.1) AS strength FROM stem SEMI JOIN asked USING (stem, domain) CROSS JOIN common
)
SELECT fired.stem || '@' || fired.domain AS key, any_value(strength) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows, any_value(k) AS k, fired.stem AS stem, fired.domain AS domain,
  list_sort(list(DISTINCT lower(n.email)))[:3] AS examples, any_value(share) AS share
FROM fired JOIN named n ON n.stem = fired.stem AND n.domain = fired.domain JOIN events r ON r.subject = n.subject AND r.email = n.email
WHERE strength > 0
GROUP BY fired.stem, fired.domain
ORDER BY key
