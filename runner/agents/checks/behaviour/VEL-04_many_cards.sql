-- id: VEL-04
-- version: 3
-- title: Many cards on one account
-- description: The account pays with several cards within the window, where accounts of this file keep to one.
-- needs: account, event_time, card_number
-- group: cards
-- unit: entity
-- weight: 0.4
-- baseline: peers in the file, and how often accounts of the file change their card; fixed limit
-- reference: Cybersource: more than 6 cards in 6 months
-- param: many | Cards above which it counts in full; fewer count less | 6 | 2 | 200 | cards | Cybersource: more than 6 cards in 6 months
-- param: days | Length of the window | 180 | 1 | 365 | days | Cybersource: 6 months
-- sentence: Account {account:text} used {k:int} cards within {length:span} in {n:int} event{n:s} from {first_at:time} on (more than {$many:int} count in full); {share:few} of the comparable accounts use as many, and an account changes its card from one event to the next in {switching:few} of the cases.
WITH e AS (
  SELECT subject, card_number AS item, t, row, row_key, mine, peer, in_scope FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND card_number IS NOT NULL
)
SELECT subject AS key, strange * least(1, (k - 1) / $many) AS strength, rows, subject AS account, k, n, first_at, length, share, switching
FROM variety('e', CAST($days * 86400 AS BIGINT)) WHERE strange > 0
ORDER BY key
