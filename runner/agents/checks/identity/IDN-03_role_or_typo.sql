-- id: IDN-03
-- version: 2
-- title: Address of an office, or one letter off
-- description: The e-mail address belongs to a role rather than to a person, or its domain is one letter away from that of a large mail service and rare in the file.
-- needs: email
-- group: e-mail
-- unit: entity
-- weight: 0.12
-- baseline: fixed lists; peers in the file
-- reference: coss: role 0.15, typo 0.2
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.1 | 0.01 | 1 | share | ours
-- sentence: {who:text} has the e-mail address {example:text}: {fault:text}. In the file {share:few} of the comparable accounts have one like it.
WITH e AS (
  SELECT coalesce(subject, email) AS who, lower(trim(email)) AS email, split_part(lower(trim(email)), '@', 1) AS name, split_part(lower(trim(email)), '@', 2) AS domain, t, row, row_key, mine, peer
  FROM cohort WHERE email LIKE '_%@_%'
),
large AS (SELECT unnest(['gmail.com', 'googlemail.com', 'yahoo.com', 'hotmail.com', 'outlook.com', 'icloud.com', 'protonmail.com']) AS large),
typo AS (
  SELECT domain, min(large) AS meant FROM (SELECT DISTINCT domain FROM e) CROSS JOIN large
  WHERE domain NOT IN (SELECT large FROM large) AND domain NOT IN ('ymail.com', 'mail.com', 'gmx.com', 'email.com') AND damerau_levenshtein(domain, large) = 1 GROUP BY domain
),
judged AS (
  SELECT e.*, CASE WHEN typo.domain IS NOT NULL THEN 'one letter from ' || meant
    WHEN regexp_matches(name, '^(admin|administrator|info|support|sales|contact|office|help|webmaster|postmaster|hostmaster|abuse|noreply|no-reply|billing|accounts|root|service|team|hello|mail|marketing|hr|jobs|test)$') THEN 'the address of a role' END AS fault
  FROM e LEFT JOIN typo USING (domain)
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(fault IS NOT NULL) AS hit FROM judged WHERE peer GROUP BY who)),
fired AS (SELECT judged.*, others(hits, others_n, peer::INT) AS share, CASE WHEN fault LIKE 'one%' THEN 1 ELSE 0.7 END * ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) AS strength FROM judged CROSS JOIN common WHERE mine AND fault IS NOT NULL)
SELECT who AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths, who, min(email) AS example, min_by(fault, email) AS fault, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY who
ORDER BY key
