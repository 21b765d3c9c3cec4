-- id: DEV-02
-- version: 3
-- title: Many devices on one account
-- description: The account appears on several devices within the window, where accounts of this file keep to one.
-- needs: account, event_time, device_id
-- group: device-churn
-- unit: entity
-- weight: 0.3
-- baseline: peers in the file, and how often accounts of the file change their device; fixed limit
-- reference: tirreno: more than 4 devices
-- param: many | Devices above which it counts in full; fewer count less | 4 | 2 | 200 | devices | tirreno: more than 4 devices
-- param: days | Length of the window | 30 | 1 | 365 | days | tirreno: 30 days
-- sentence: Account {account:text} used {k:int} devices within {length:span} in {n:int} event{n:s} from {first_at:time} on (more than {$many:int} count in full); {share:few} of the comparable accounts use as many, and an account changes its device from one event to the next in {switching:few} of the cases.
WITH e AS (
  SELECT subject, device_id AS item, t, row, row_key, mine, peer, in_scope FROM cohort
  WHERE t IS NOT NULL AND subject IS NOT NULL AND device_id IS NOT NULL
)
SELECT subject AS key, strange * least(1, (k - 1) / $many) AS strength, rows, subject AS account, k, n, first_at, length, share, switching
FROM variety('e', CAST($days * 86400 AS BIGINT)) WHERE strange > 0
ORDER BY key
