-- id: IDN-01
-- version: 2
-- title: Disposable e-mail address
-- description: The e-mail address is of a service that hands out addresses to be thrown away.
-- needs: email
-- group: e-mail
-- unit: entity
-- weight: 0.5
-- baseline: embedded list of domains (disposable-email-domains, CC0); how common they are in the file
-- reference: coss: 0.7
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: {who:text} uses the address {example:text}; {domain:text} hands out disposable addresses. In the file {share:few} of the comparable accounts have such an address.
WITH listed AS (SELECT unnest(string_split($disposable_domains, chr(10))) AS domain),
e AS (
  SELECT coalesce(subject, email) AS who, email, regexp_extract(lower(email), '@(.+)$', 1) AS domain, t, row, row_key, mine, peer FROM cohort WHERE email IS NOT NULL
),
judged AS (
  SELECT e.*, a.domain IS NOT NULL OR b.domain IS NOT NULL AS disposable
  FROM e LEFT JOIN listed a ON e.domain = a.domain
    -- sub-domains of a listed domain count as well
    LEFT JOIN listed b ON regexp_extract(e.domain, '([^.]+\.[^.]+)$', 1) = b.domain
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(disposable) AS hit FROM judged WHERE peer GROUP BY who)),
fired AS (SELECT judged.*, others(hits, others_n, peer::INT) AS share, ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) AS strength FROM judged CROSS JOIN common WHERE mine AND disposable)
SELECT who AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  who, min(email) AS example, min_by(domain, email) AS domain, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY who
ORDER BY key
