-- id: PAY-17
-- version: 1
-- title: Card of several accounts
-- description: Several accounts pay with one card within the window, where cards of this file belong to one account. A family shares a card, too: two accounts count little. Of a card of
--   very many accounts only those count that use no other, and masked ones, which are no cards, are left out.
-- needs: user_id|account_id, event_time, card_number
-- group: identifier-sharing
-- unit: entity
-- weight: 0.5
-- baseline: cards of the file, and how often the account changes on one card; fixed limit
-- reference: Neo4j first-party fraud: 3 accounts that share an identifier
-- param: strong | Accounts that are certainly too many | 4 | 2 | 1000 | accounts | ours
-- param: days | Length of the window | 180 | 1 | 730 | days | Cybersource: 6 months
-- param: hub | Accounts from which on it may be a company's card | 50 | 3 | 100000 | accounts | Neo4j: hubs of degree 50
-- unless: no_values | SELECT 'the cards of the file are masked, so that none can be told from another' FROM events HAVING count(card_number) > 0 AND count(card) = 0
-- unless: too_large | SELECT 'card …' || right(regexp_replace(any_value(card), '~[0-9a-f]{8}$', ''), 4) || ' is used by more than half of the accounts of the file: it tells nothing of one of them' FROM (
--   SELECT card, count(DISTINCT subject) AS k FROM events WHERE card IN (SELECT card FROM own) AND subject IS NOT NULL GROUP BY card HAVING k > 1)
--   HAVING min(k) > 20 AND 2 * min(k) > (SELECT count(DISTINCT subject) FROM events WHERE card IS NOT NULL)
-- sentence: One card, {item:tail}, was used by {k:int} accounts within {length:span} from {first_at:time} on, {only_here:pct} of them with no other; {share:pct} of the file's pairs of account and card are on one shared as much.
WITH asked AS (SELECT DISTINCT card AS item FROM own WHERE card IS NOT NULL),
e AS (
  SELECT subject, card AS item, t, row, row_key, in_scope, asked.item IS NOT NULL AS mine, hash(card) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON card = asked.item
  WHERE t IS NOT NULL AND subject IS NOT NULL AND card IS NOT NULL AND (asked.item IS NOT NULL OR hash(card) % $peer_of = 0)
),
often AS (SELECT subject FROM e WHERE peer GROUP BY subject HAVING count(*) > 1),
-- how often the next event on other cards is of another account, of accounts that come more than once: where nearly always, sharing means nothing
step AS (SELECT item, subject, subject != lag(subject) OVER (PARTITION BY item ORDER BY t, row_key) AS changed FROM e WHERE peer),
turn AS (SELECT item, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step SEMI JOIN often USING (subject) GROUP BY item),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
items AS (SELECT item, bool_or(mine) AS mine, bool_or(peer) AS peer, count(DISTINCT subject) AS ever FROM e GROUP BY item),
run AS (
  SELECT item, t, count(DISTINCT subject) OVER w AS k, bool_or(in_scope) OVER w AS scoped FROM e SEMI JOIN (SELECT item FROM items WHERE ever > 1 AND (mine OR ever <= $hub)) USING (item)
  WINDOW w AS (PARTITION BY item ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- the fullest windows of each card, none of which overlaps another; those that hold a row of the case go first
best AS (
  SELECT DISTINCT item, t AS last_at, k FROM run WHERE k > 1
  QUALIFY (scoped, k, t) = max((scoped, k, t)) OVER (PARTITION BY item ORDER BY t RANGE BETWEEN CAST($days * 86400 AS BIGINT) PRECEDING AND CAST($days * 86400 AS BIGINT) FOLLOWING)
),
-- how much of the file's traffic is on cards shared as much: counted by pairs of account and card, since a shared one concerns many accounts
counted AS (SELECT k, sum(ever) AS pairs FROM (SELECT item, any_value(ever) AS ever, coalesce(max(k), any_value(ever)) AS k FROM items LEFT JOIN best USING (item) WHERE peer GROUP BY item) GROUP BY k),
-- a hub is measured against what is half its size: one card of sixty accounts is strange where the others have one account, and not where they are kinds of cards
ladder AS (
  SELECT asked.k, coalesce(sum(pairs) FILTER (counted.k >= asked.k), 0) AS hits, coalesce(sum(pairs) FILTER (counted.k >= half(asked.k, $strong)), 0) AS alike, coalesce(sum(pairs) FILTER (counted.k >= least(asked.k, 3)), 0) AS any_shared, coalesce(sum(pairs), 0) AS n
  FROM (SELECT DISTINCT k FROM best) asked CROSS JOIN counted GROUP BY asked.k
),
judged AS (
  SELECT best.*, row_number() OVER (PARTITION BY item ORDER BY k DESC, last_at DESC) AS place, others(ladder.hits, ladder.n, ever * peer::INT) AS share,
    commonness(alike, ladder.n, ever * peer::INT) AS common, commonness(any_shared, ladder.n, ever * peer::INT) AS any_common, ever > $hub AS hub, habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)) AS switching
  FROM best JOIN items USING (item) JOIN ladder USING (k) LEFT JOIN turn USING (item) CROSS JOIN turns WHERE mine
),
shown AS (SELECT judged.*, e.subject, e.t, e.row, e.row_key FROM judged JOIN e ON e.item = judged.item AND e.t BETWEEN judged.last_at - $days * 86400 AND judged.last_at),
-- accounts that use no other card; a family has cards of its own
elsewhere AS (
  SELECT subject FROM events WHERE card IS NOT NULL AND subject IN (SELECT subject FROM shown) GROUP BY subject HAVING min(card) != max(card)
),
fired AS (
  SELECT item, last_at, any_value(place) AS place, any_value(k) AS k, any_value(share) AS share, any_value(common) AS common, any_value(any_common) AS any_common, bool_or(hub) AS hub, any_value(switching) AS switching,
    count(DISTINCT subject) FILTER (subject NOT IN (SELECT subject FROM elsewhere)) / count(DISTINCT subject) AS only_here,
    min(t) AS first_at, max(t) - min(t) AS length, list(row ORDER BY t, row_key) AS rows
  FROM shown GROUP BY item, last_at
),
graded AS (SELECT *, CASE WHEN k <= $strong THEN 0.65 * (k - 1) / ($strong - 1) ELSE least(1, 0.65 + 0.35 * (k - $strong) / (2 * $strong)) END * CASE WHEN hub THEN only_here ELSE 0.25 + 0.75 * only_here END * ramp(common, 0.2, 0.05) * ramp(any_common, 0.9, 0.5) * ramp(coalesce(switching, 0), 0.9, 0.6) AS strength FROM fired)
SELECT item || CASE WHEN place = 1 THEN '' ELSE ' until ' || last_at END AS key, strength, rows, regexp_replace(item, '~[0-9a-f]{8}$', '') AS item, k, first_at, length, share, only_here
FROM graded WHERE strength > 0
ORDER BY key
