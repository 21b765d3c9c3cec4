-- id: IDN-07
-- version: 4
-- title: The same particulars on several accounts
-- description: Several accounts give the same phone number, the same address, or the same name with the same date of birth, where those of this file belong to one account. Accounts that give another one besides, as members of a family do, count four tenths. An address of very many accounts is a house or an office and left out.
-- needs: user_id|account_id, phone_number|address|date_of_birth
-- group: identifier-sharing
-- unit: entity
-- weight: 0.4
-- baseline: the file's other phone numbers, addresses and names; fixed limit
-- reference: Neo4j: first-party fraud, 3 accounts and more
-- param: accounts | Accounts that are many | 3 | 2 | 1000 | accounts | Neo4j: 3
-- param: hub | Accounts from which on an address is taken for a house or an office | 50 | 3 | 100000 | accounts | Neo4j: hubs of degree 50
-- unless: too_large | SELECT 'the address ' || any_value(address) || ' is given by ' || max(k) || ' accounts and taken for a house or an office (limit ' || $hub::INT || '); there is nothing else to compare' FROM (
--   SELECT address, count(DISTINCT subject) AS k FROM events WHERE address IN (SELECT address FROM own) AND subject IS NOT NULL GROUP BY address) WHERE NOT EXISTS (FROM own WHERE phone_number IS NOT NULL OR date_of_birth IS NOT NULL) HAVING min(k) > $hub
-- sentence: {k:int} accounts have the {what:text} {item:text}; {share:few} of the file's other accounts share one with as many.
WITH particulars AS (
  SELECT DISTINCT subject, 'phone number' AS what, phone_number AS item FROM events WHERE subject IS NOT NULL AND len(phone_number) >= 6
  UNION ALL SELECT DISTINCT subject, 'address', lower(regexp_replace(address, '[\s,.]+', ' ', 'g')) FROM events WHERE subject IS NOT NULL AND len(address) >= 8
  UNION ALL SELECT DISTINCT subject, 'name and date of birth', lower(person_name) || ', ' || date_of_birth FROM events WHERE subject IS NOT NULL AND person_name IS NOT NULL AND date_of_birth IS NOT NULL
),
-- an account that gives many different ones tells nothing by sharing some
steady AS (SELECT subject, what FROM particulars GROUP BY ALL HAVING count(*) <= 3),
given AS (SELECT particulars.* FROM particulars SEMI JOIN steady USING (subject, what)),
-- a family gives one number or address, and each its own besides
alone AS (SELECT what, item, avg((n = 1)::INT) AS alone FROM (SELECT *, count(*) OVER (PARTITION BY subject, what) AS n FROM given) GROUP BY ALL),
shared AS (SELECT what, item, count(*) AS k FROM given GROUP BY ALL),
-- one that very many accounts have is measured against those of half its size
ladder AS (
  SELECT asked.what, asked.k, sum(shared.k) FILTER (shared.k >= asked.k) AS hits, sum(shared.k) FILTER (shared.k >= half(asked.k, $accounts + 2)) AS alike, sum(shared.k) FILTER (shared.k >= least(asked.k, 3)) AS any_shared, sum(shared.k) AS others_n
  FROM (SELECT DISTINCT what, k FROM shared WHERE k >= $accounts) asked JOIN shared USING (what) GROUP BY ALL
),
asked AS (SELECT DISTINCT what, item FROM given SEMI JOIN own ON given.subject = own.subject),
fired AS (
  SELECT shared.*, others(hits, others_n, k) AS share, CASE what WHEN 'address' THEN 0.5 ELSE 1 END * least(1, 0.4 + 0.2 * (k - $accounts)) * (0.4 + 0.6 * alone) * ramp(commonness(alike, others_n, k), 0.2, 0.05) * ramp(commonness(any_shared, others_n, k), 0.9, 0.5) AS strength
  FROM shared SEMI JOIN asked USING (what, item) JOIN alone USING (what, item) JOIN ladder USING (what, k) WHERE shared.k >= $accounts AND (what != 'address' OR shared.k <= $hub)
)
SELECT fired.what || ' ' || fired.item AS key, any_value(strength) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows, any_value(k) AS k, fired.what AS what, fired.item AS item, any_value(share) AS share
FROM fired JOIN events r ON r.subject IS NOT NULL AND fired.item = CASE fired.what WHEN 'phone number' THEN r.phone_number WHEN 'address' THEN lower(regexp_replace(r.address, '[\s,.]+', ' ', 'g')) ELSE lower(r.person_name) || ', ' || r.date_of_birth END
  SEMI JOIN steady ON steady.subject = r.subject AND steady.what = fired.what
WHERE strength > 0
GROUP BY fired.what, fired.item
ORDER BY key
