-- id: IDN-07
-- version: 2
-- title: The same particulars on several accounts
-- description: Several accounts give the same phone number, the same address, or the same name with the same date of birth, where those of this file belong to one account. Addresses of very many accounts are left out.
-- needs: user_id|account_id, phone_number|address|date_of_birth
-- group: identifier-sharing
-- unit: entity
-- weight: 0.4
-- baseline: the file's other phone numbers, addresses and names; fixed limit
-- reference: Neo4j: first-party fraud, 3 accounts and more
-- param: accounts | Accounts that are many | 3 | 2 | 1000 | accounts | Neo4j: 3
-- param: hub | Accounts from which on it is taken for a house or an office | 50 | 3 | 100000 | accounts | Neo4j: hubs of degree 50
-- sentence: {k:int} accounts have the {what:text} {item:text}; {share:pct} of the file's other accounts share one with as many.
WITH particulars AS (
  SELECT DISTINCT subject, 'phone number' AS what, phone_number AS item FROM events WHERE subject IS NOT NULL AND len(phone_number) >= 6
  UNION ALL SELECT DISTINCT subject, 'address', lower(regexp_replace(address, '[\s,.]+', ' ', 'g')) FROM events WHERE subject IS NOT NULL AND len(address) >= 8
  UNION ALL SELECT DISTINCT subject, 'name and date of birth', lower(person_name) || ', ' || date_of_birth FROM events WHERE subject IS NOT NULL AND person_name IS NOT NULL AND date_of_birth IS NOT NULL
),
-- an account that gives many different ones tells nothing by sharing some
steady AS (SELECT subject, what FROM particulars GROUP BY ALL HAVING count(*) <= 3),
given AS (SELECT particulars.* FROM particulars SEMI JOIN steady USING (subject, what)),
shared AS (SELECT what, item, count(*) AS k FROM given GROUP BY ALL),
ladder AS (SELECT what, k, sum(sum(k)) OVER (PARTITION BY what ORDER BY k DESC) AS hits, sum(sum(k)) OVER (PARTITION BY what) AS others_n FROM shared GROUP BY what, k),
asked AS (SELECT DISTINCT what, item FROM given SEMI JOIN own ON given.subject = own.subject),
fired AS (
  SELECT shared.*, others(hits, others_n, k) AS share, CASE what WHEN 'address' THEN 0.5 ELSE 1 END * least(1, 0.4 + 0.2 * (k - $accounts)) * ramp(commonness(hits, others_n, k, weight := k), 0.2, 0.05) AS strength
  FROM shared SEMI JOIN asked USING (what, item) JOIN ladder USING (what, k) WHERE shared.k BETWEEN $accounts AND $hub
)
SELECT fired.what || ' ' || fired.item AS key, any_value(strength) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows, any_value(k) AS k, fired.what AS what, fired.item AS item, any_value(share) AS share
FROM fired JOIN events r ON r.subject IS NOT NULL AND fired.item = CASE fired.what WHEN 'phone number' THEN r.phone_number WHEN 'address' THEN lower(regexp_replace(r.address, '[\s,.]+', ' ', 'g')) ELSE lower(r.person_name) || ', ' || r.date_of_birth END
  SEMI JOIN steady ON steady.subject = r.subject AND steady.what = fired.what
WHERE strength > 0
GROUP BY fired.what, fired.item
ORDER BY key
