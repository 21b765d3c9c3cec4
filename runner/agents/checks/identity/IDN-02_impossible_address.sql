-- id: IDN-02
-- version: 2
-- title: E-mail address that cannot be delivered to
-- description: The e-mail address breaks the rules of form, or its domain is one that never exists. Only its form is looked at: no mail server is asked.
-- needs: email
-- group: e-mail
-- unit: entity
-- weight: 0.35
-- baseline: rules of form (RFC 5321, RFC 2606); peers in the file
-- reference: coss: 0.6
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: {who:text} has the e-mail address {example:text}, which {fault:text}. In the file {share:few} of the comparable accounts have one like it.
WITH e AS (
  SELECT coalesce(subject, email) AS who, lower(trim(email)) AS email, t, row, row_key, mine, peer FROM cohort WHERE email IS NOT NULL AND trim(email) != ''
),
judged AS (
  SELECT *, CASE WHEN email NOT LIKE '%@%' THEN 'has no @'
      WHEN len(email) > 254 OR len(split_part(email, '@', 1)) > 64 THEN 'is too long'
      WHEN regexp_matches(email, '@.*@') THEN 'has more than one @'
      WHEN regexp_matches(email, '[\s,;<>()\[\]\\]') THEN 'has signs that an address cannot have'
      WHEN regexp_matches(email, '\.\.|^\.|\.@|@\.|^@|@$') THEN 'has a dot or an end where none may be'
      WHEN regexp_matches(email, '\.(invalid|test|localhost|local)$') THEN 'is of a domain that never exists'
      WHEN NOT regexp_matches(email, '@([a-z0-9\x{80}-\x{10ffff}]([a-z0-9\x{80}-\x{10ffff}-]*[a-z0-9\x{80}-\x{10ffff}])?\.)+[a-z\x{80}-\x{10ffff}][a-z0-9\x{80}-\x{10ffff}-]*$') THEN 'has no domain that could be registered' END AS fault
  FROM e
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(fault IS NOT NULL) AS hit FROM judged WHERE peer GROUP BY who)),
fired AS (SELECT judged.*, others(hits, others_n, peer::INT) AS share, ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) AS strength FROM judged CROSS JOIN common WHERE mine AND fault IS NOT NULL)
SELECT who AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths, who, min(email) AS example, min_by(fault, email) AS fault, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY who
ORDER BY key
