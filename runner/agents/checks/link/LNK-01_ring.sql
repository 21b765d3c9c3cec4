-- id: LNK-01
-- version: 6
-- title: Ring of accounts
-- description: Accounts tied to one another by shared devices, cards, phone numbers, mailboxes (however their address is spelt) or, where users have accounts, bank accounts, step by step up to four steps
--   away. IP addresses and names do not tie; identifiers of very many accounts are left out, and so is a masked card number, which is no card.
--   Where three in ten of the file's other accounts share anything, chance makes rings, and none counts.
--   Counts half where the accounts all have other such identifiers of their own: customers of one shop, or a family.
-- needs: user_id|account_id, device_id|card_number|phone_number|email|account_id
-- group: identifier-sharing
-- unit: entity
-- weight: 0.35
-- baseline: how many of the file's other accounts are in a ring as large, and how many share at all; fixed limit
-- reference: Neo4j: weakly connected components, 3 accounts and more
-- param: accounts | Accounts that make a ring | 3 | 3 | 1000 | accounts | Neo4j: 3
-- param: hub | Accounts from which on an identifier is left out | 50 | 3 | 100000 | accounts | Neo4j: hubs of degree 50
-- unless: too_large | SELECT 'what the account shares is shared by more than ' || $hub::INT || ' accounts and left out, such as ' || min(id) || ' (' || arg_min(k, id) || ' accounts); raise the limit to follow it' FROM (
--   SELECT id, count(DISTINCT subject) AS k FROM (
--     SELECT subject, unnest(['device ' || device_id, 'card ' || card, 'phone ' || phone_number, 'e-mail ' || mailbox(email), CASE WHEN subject = user_id THEN 'account ' || account_id END]) AS id FROM events WHERE subject IS NOT NULL
--       AND (device_id IN (SELECT device_id FROM own) OR card IN (SELECT card FROM own) OR phone_number IN (SELECT phone_number FROM own) OR mailbox(email) IN (SELECT mailbox(email) FROM own) OR subject = user_id AND account_id IN (SELECT account_id FROM own)))
--   WHERE id IN (SELECT unnest(['device ' || device_id, 'card ' || card, 'phone ' || phone_number, 'e-mail ' || mailbox(email), CASE WHEN subject = user_id THEN 'account ' || account_id END]) FROM own) GROUP BY id HAVING k > 1) HAVING min(k) > $hub
-- sentence: Account {account:text} belongs to a ring of {k:int} accounts tied by {n:int} shared identifier{n:s}, such as {example:text}; {share:few} of the file's other accounts are in a ring as large.
WITH RECURSIVE used AS (
  SELECT subject, 'device ' || id AS id FROM (SELECT DISTINCT subject, device_id AS id FROM events WHERE device_id IS NOT NULL AND subject IS NOT NULL)
  UNION ALL SELECT subject, 'card ' || id FROM (SELECT DISTINCT subject, card AS id FROM events WHERE card IS NOT NULL AND subject IS NOT NULL)
  UNION ALL SELECT subject, 'phone ' || id FROM (SELECT DISTINCT subject, phone_number AS id FROM events WHERE phone_number IS NOT NULL AND subject IS NOT NULL)
  UNION ALL SELECT subject, 'e-mail ' || id FROM (SELECT DISTINCT subject, mailbox(email) AS id FROM events WHERE email LIKE '_%@_%' AND subject IS NOT NULL)
  UNION ALL SELECT subject, 'account ' || id FROM (SELECT DISTINCT subject, account_id AS id FROM events WHERE account_id IS NOT NULL AND user_id IS NOT NULL AND subject = user_id)
),
shared AS MATERIALIZED (
  SELECT subject, id FROM used WHERE id IN (SELECT id FROM used GROUP BY id HAVING count(*) BETWEEN 2 AND $hub)
),
-- the rings of all the file: eight times each account takes the least name among those that it shares with
named(step, subject, ring) AS (
  SELECT 0, subject, subject FROM (SELECT DISTINCT subject FROM shared)
  UNION ALL
  SELECT step + 1, shared.subject, min(least_name) FROM (SELECT step, id, min(ring) AS least_name FROM named JOIN shared USING (subject) WHERE step < 8 GROUP BY ALL) JOIN shared USING (id) GROUP BY step, shared.subject
),
sized AS MATERIALIZED (SELECT subject, count(*) OVER (PARTITION BY ring) AS size FROM named WHERE step = 8),
sizes AS (SELECT size, count(*) AS n FROM sized GROUP BY size),
common AS (SELECT (SELECT count(*) FROM sized) AS any_shared, (SELECT count(DISTINCT subject) FROM used) AS others_n),
-- a very large ring is measured against those of half its size
ladder AS (SELECT k, coalesce(sum(n) FILTER (size >= k), 0) AS hits, coalesce(sum(n) FILTER (size >= half(k, $accounts + 2)), 0) AS alike FROM generate_series(1, (SELECT max(size) FROM sizes)) AS all_sizes(k) CROSS JOIN sizes GROUP BY k),
ask AS (
  SELECT DISTINCT subject FROM sized JOIN ladder ON k = size CROSS JOIN common
  WHERE size >= $accounts AND subject IN (SELECT subject FROM own) AND commonness(alike, others_n, size) < 0.2 AND (any_shared < 0.3 * others_n OR any_shared <= 200)
),
reach(root, subject, step) AS (
  SELECT subject, subject, 0 FROM ask
  UNION
  SELECT root, b.subject, step + 1 FROM reach JOIN shared a ON a.subject = reach.subject JOIN shared b ON b.id = a.id AND b.subject != a.subject WHERE step < 4
),
member AS (SELECT root, subject FROM reach GROUP BY ALL),
ring AS (
  SELECT root, list_sort(list(DISTINCT subject)) AS accounts FROM member GROUP BY root HAVING count(DISTINCT subject) >= $accounts
),
-- one finding a ring: roots that reach the same accounts are the same ring
distinct_ring AS (SELECT min(root) AS root, accounts FROM ring GROUP BY accounts),
tie AS (
  SELECT root, s.subject, s.id FROM (SELECT root, unnest(accounts) AS subject FROM distinct_ring) m JOIN shared s ON s.subject = m.subject
),
rowset AS (
  SELECT DISTINCT root, e.row, e.t, e.row_key FROM tie JOIN events e ON e.subject = tie.subject
    AND tie.id IN ('device ' || e.device_id, 'card ' || e.card, 'phone ' || e.phone_number, 'e-mail ' || mailbox(e.email), 'account ' || e.account_id)
),
-- accounts that have no other identifier of the kind that ties them
alone AS (
  SELECT root, avg(alone::INT) AS alone FROM (
    SELECT root, tie.subject, bool_or(u.id IS NULL) AS alone FROM tie LEFT JOIN (
      SELECT subject, split_part(id, ' ', 1) AS kind, min(id) AS id FROM used WHERE id NOT IN (SELECT id FROM shared) GROUP BY ALL
    ) u ON u.subject = tie.subject AND u.kind = split_part(tie.id, ' ', 1)
    GROUP BY root, tie.subject
  ) GROUP BY root
),
-- where many share anything, chance makes rings of them
fired AS (
  SELECT root, accounts, others(greatest(hits, len(accounts)), others_n, len(accounts)) AS share,
    least(1, 0.3 + 0.1 * (len(accounts) - 3)) * (0.5 + 0.5 * alone) * ramp(commonness(greatest(alike, len(accounts)), others_n, len(accounts)), 0.2, 0.05) * ramp(commonness(any_shared, others_n, len(accounts)), 0.3, 0.15) AS strength
  FROM distinct_ring JOIN alone USING (root) LEFT JOIN ladder ON ladder.k = len(accounts) CROSS JOIN common
)
SELECT fired.root AS key, any_value(strength) AS strength, any_value(r.rows) AS rows, fired.root AS account, any_value(len(accounts)) AS k,
  any_value(i.n) AS n, any_value(i.example) AS example, any_value(share) AS share
FROM fired
  JOIN (SELECT root, list(row ORDER BY t, row_key) AS rows FROM rowset GROUP BY root) r ON r.root = fired.root
  JOIN (SELECT root, count(DISTINCT id) AS n, regexp_replace(min(id), '~[0-9a-f]{8}$', '') AS example FROM tie GROUP BY root) i ON i.root = fired.root
WHERE strength > 0
GROUP BY fired.root
ORDER BY key
