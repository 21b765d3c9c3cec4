-- id: PAY-17
-- version: 2
-- title: Card of several accounts
-- description: Several accounts pay with one card within the window, where cards of this file belong to one account. A family shares a card, too: two accounts count little. Of a card of
--   very many accounts only those count that use no other, and masked ones, which are no cards, are left out.
-- needs: user_id|account_id, event_time, card_number
-- group: identifier-sharing
-- unit: entity
-- weight: 0.5
-- baseline: cards of the file, and how often the account changes on one card; fixed limit
-- reference: Neo4j first-party fraud: 3 accounts that share an identifier
-- strengths: row
-- param: strong | Accounts that are certainly too many | 4 | 2 | 1000 | accounts | ours
-- param: days | Length of the window | 180 | 1 | 730 | days | Cybersource: 6 months
-- param: hub | Accounts from which on it may be a company's card | 50 | 3 | 100000 | accounts | Neo4j: hubs of degree 50
-- unless: no_values | SELECT 'the cards of the file are masked, so that none can be told from another' FROM events HAVING count(card_number) > 0 AND count(card) = 0
-- unless: too_large | SELECT 'card …' || right(regexp_replace(any_value(card), '~[0-9a-f]{8}$', ''), 4) || ' is used by more than half of the accounts of the file: it tells nothing of one of them' FROM (
--   SELECT card, count(DISTINCT subject) AS k FROM events WHERE card IN (SELECT card FROM own) AND subject IS NOT NULL GROUP BY card HAVING k > 1)
--   HAVING min(k) > 20 AND 2 * min(k) > (SELECT count(DISTINCT subject) FROM events WHERE card IS NOT NULL)
-- sentence: One card, {item:tail}, was used by {k:int} accounts within {length:span} from {first_at:time} on, {only_here:few} of them with this card alone; {share:few} of the file's pairs of account and card are on one shared as much.
WITH asked AS (SELECT DISTINCT card AS item FROM own WHERE card IS NOT NULL),
e AS (
  SELECT subject, card AS item, t, row, row_key, in_scope, asked.item IS NOT NULL AS mine, hash(card) % $peer_of = 0 AS peer
  FROM events LEFT JOIN asked ON card = asked.item
  WHERE t IS NOT NULL AND subject IS NOT NULL AND card IS NOT NULL AND (asked.item IS NOT NULL OR hash(card) % $peer_of = 0)
),
everywhere AS (SELECT subject, card AS item FROM events WHERE card IS NOT NULL AND subject IS NOT NULL),
graded AS (
  SELECT *, strange * CASE WHEN public THEN only_here ELSE 0.25 + 0.75 * only_here END * CASE WHEN k <= $strong THEN 0.65 * (k - 1) / ($strong - 1) ELSE least(1, 0.65 + 0.35 * (k - $strong) / (2 * $strong)) END AS strength
  FROM sharing('e', 'everywhere', CAST($days * 86400 AS BIGINT), $strong, $hub)
)
SELECT key, strength, rows, list_transform(held, lambda one: (one * strength)::DOUBLE) AS strengths, regexp_replace(item, '~[0-9a-f]{8}$', '') AS item, k, first_at, length, share, only_here
FROM graded WHERE strength > 0
ORDER BY key
