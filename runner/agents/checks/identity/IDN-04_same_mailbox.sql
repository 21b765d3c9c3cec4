-- id: IDN-04
-- version: 3
-- title: One mailbox, several accounts
-- description: Accounts whose e-mail addresses differ only in capitals, dots or a +tag, and so end in one mailbox.
-- needs: user_id|account_id|card_number, email
-- group: identifier-sharing
-- unit: entity
-- weight: 0.45
-- baseline: mailboxes of the file; fixed limit
-- reference: 3 accounts; dots and tags mean nothing at Gmail, tags at most others
-- param: accounts | Accounts that are certainly too many | 3 | 2 | 1000 | accounts | ours
-- param: hub | Accounts from which on it is taken for a shared office address | 100 | 3 | 100000 | accounts | ours
-- unless: too_large | SELECT 'the address ' || min(email) || ' is given by ' || max(k) || ' accounts and taken for one of an office (limit ' || $hub::INT || ')' FROM (
--   SELECT email, count(DISTINCT subject) AS k FROM events WHERE email IN (SELECT email FROM own) AND subject IS NOT NULL GROUP BY email) HAVING min(k) > $hub
-- sentence: The mailbox {mailbox:text} serves {k:int} accounts by {forms:int} spellings: {examples:text}; {share:few} of the file's mailboxes serve as many.

-- each account's addresses once: files have many rows an account
WITH address AS (SELECT DISTINCT subject, email FROM events WHERE subject IS NOT NULL AND email LIKE '_%@_%'),
e AS (
  SELECT subject, email, mailbox(email) AS mailbox FROM address
),
asked AS (SELECT DISTINCT mailbox FROM e WHERE subject IN (SELECT subject FROM own)),
box AS (
  SELECT e.mailbox, count(DISTINCT subject) AS k, count(DISTINCT lower(email)) AS forms, bool_or(asked.mailbox IS NOT NULL) AS mine, bool_or(hash(e.mailbox) % $peer_of = 0) AS peer
  FROM e LEFT JOIN asked ON e.mailbox = asked.mailbox WHERE asked.mailbox IS NOT NULL OR hash(e.mailbox) % $peer_of = 0 GROUP BY e.mailbox
),
-- where accounts change their address from event to event, it is not what tells them apart
step AS (
  SELECT subject, email != lag(email) OVER (PARTITION BY subject ORDER BY t, row_key) AS changed FROM events WHERE subject IS NOT NULL AND email IS NOT NULL AND hash(subject) % $peer_of = 0
),
turn AS (SELECT subject, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step GROUP BY subject),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
own_turn AS (SELECT mailbox, sum(hits) AS hits, sum(n) AS n FROM (SELECT DISTINCT mailbox, subject FROM e) JOIN turn USING (subject) GROUP BY mailbox),
ladder AS (
  SELECT k, sum(count(*) FILTER (peer)) OVER (ORDER BY k DESC) AS hits, sum(count(*) FILTER (peer)) OVER () AS others_n FROM box GROUP BY k
),
fired AS (
  SELECT box.*, others(ladder.hits, others_n, peer::INT) AS share,
    least(1, (k - 1) / greatest(1, $accounts - 1)) * CASE WHEN forms > 1 THEN 1 ELSE 0.6 END * ramp(commonness(ladder.hits, others_n, peer::INT), 0.2, 0.05)
      * ramp(coalesce(habit(turns.hits - coalesce(own_turn.hits, 0), turns.n - coalesce(own_turn.n, 0)), 0), 0.5, 0.1) AS strength
  FROM box JOIN ladder USING (k) LEFT JOIN own_turn USING (mailbox) CROSS JOIN turns WHERE mine AND k > 1 AND k <= $hub
)
SELECT fired.mailbox AS key, any_value(strength) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows, fired.mailbox AS mailbox, any_value(k) AS k, any_value(forms) AS forms,
  list_sort(list(DISTINCT lower(e.email)))[:3] AS examples, any_value(share) AS share
FROM fired JOIN e ON e.mailbox = fired.mailbox JOIN events r ON r.subject = e.subject AND r.email = e.email
WHERE strength > 0
GROUP BY fired.mailbox
ORDER BY key
