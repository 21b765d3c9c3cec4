-- id: LNK-02
-- version: 3
-- title: Near somebody known to be bad
-- description: Something that the account uses is on a list of known bad entities; or it shares a device, a card, a phone number or an e-mail address with an account that is, or pays one, or a merchant that is, or is paid by one.
--   Each step away counts half. That the account is on a list itself is no step, and not counted here: the list then decides, whatever the score. Lists are brought by the operator; labels of the file are never read.
-- needs: user_id|account_id|card_number|email|device_id|ip_address
-- needs_list: bad
-- group: known
-- unit: entity
-- weight: 0.6
-- baseline: lists of known bad entities
-- reference: distance to confirmed fraud: at most 2 steps, each counting half
-- about: account
-- param: steps | Farthest step that counts | 2 | 1 | 3 | steps | practice: 2
-- param: hub | Accounts from which on an identifier ties nobody | 50 | 3 | 100000 | accounts | Neo4j: hubs of degree 50
-- sentence: Account {account:text} is {far:text} from {what:text} {item:text} of the list {list:text}{via:text}.
WITH bad AS MATERIALIZED (SELECT min(name) AS name, entity_type, value FROM lists WHERE kind = 'bad' GROUP BY entity_type, value),
used AS MATERIALIZED (
  SELECT DISTINCT subject, 'user_id' AS what, subject AS item FROM events WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'account_id', account_id FROM events WHERE subject IS NOT NULL AND account_id IS NOT NULL AND account_id != subject
  UNION ALL SELECT DISTINCT subject, 'device_id', device_id FROM events WHERE subject IS NOT NULL AND device_id IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'card_number', card_number FROM events WHERE subject IS NOT NULL AND card_number IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'card', card FROM events WHERE subject IS NOT NULL AND card IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'phone_number', phone_number FROM events WHERE subject IS NOT NULL AND phone_number IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'email', email FROM events WHERE subject IS NOT NULL AND email IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'ip_address', ip_address FROM events WHERE subject IS NOT NULL AND ip_address IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'counterparty_id', counterparty_id FROM events WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL
  UNION ALL SELECT DISTINCT subject, 'merchant_id', merchant_id FROM events WHERE subject IS NOT NULL AND merchant_id IS NOT NULL AND merchant_id != subject
  -- who is paid by an account
  UNION ALL SELECT DISTINCT counterparty_id, 'payer', subject FROM events WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND subject != counterparty_id
),
-- one step: it uses, or pays, what is on the list; or is it itself, which counts for others alone
first_step AS MATERIALIZED (
  SELECT subject, bad.entity_type AS what, used.item, name, used.what AS by_what, subject AS "through" FROM used JOIN bad ON bad.value = used.item
    AND (bad.entity_type = used.what OR bad.entity_type IN ('user_id', 'account_id') AND used.what IN ('user_id', 'account_id', 'counterparty_id', 'payer'))
),
near AS (SELECT subject FROM first_step WHERE item != subject),
shared AS MATERIALIZED (
  SELECT what, item FROM used WHERE what IN ('device_id', 'card', 'phone_number', 'email') GROUP BY ALL HAVING count(*) BETWEEN 2 AND $hub
),
tie AS MATERIALIZED (
  SELECT DISTINCT a.subject AS one, b.subject AS other, a.what, a.item FROM used a SEMI JOIN shared USING (what, item) JOIN used b ON b.what = a.what AND b.item = a.item AND b.subject != a.subject
),
second_step AS MATERIALIZED (
  SELECT tie.one AS subject, f.what, f.item, f.name, tie.what AS by_what, tie.item AS by_item, tie.other AS "through" FROM tie JOIN first_step f ON f.subject = tie.other WHERE tie.one NOT IN (SELECT subject FROM near) AND $steps >= 2
),
third_step AS (
  SELECT tie.one AS subject, s.what, s.item, s.name, tie.what AS by_what, tie.item AS by_item, tie.other AS "through" FROM tie JOIN second_step s ON s.subject = tie.other
  WHERE $steps >= 3 AND tie.one NOT IN (SELECT subject FROM near) AND tie.one NOT IN (SELECT subject FROM second_step)
),
step AS (
  SELECT subject, what, item, name, by_what, item AS by_item, "through", 1 AS steps FROM first_step
  UNION ALL SELECT *, 2 FROM second_step UNION ALL SELECT *, 3 FROM third_step
),
nearest AS (
  SELECT subject, arg_min(struct_pack(what := what, item := item, name := name, by_what := by_what, by_item := by_item, "through" := "through", steps := steps), (steps, what, item, by_what, by_item, "through")) AS s
  FROM step WHERE item != subject AND subject IN (SELECT subject FROM own UNION SELECT counterparty_id FROM own) GROUP BY subject
),
related AS (
  SELECT subject AS who, NULL AS paid_by, * FROM events WHERE subject IN (SELECT subject FROM nearest)
  UNION ALL SELECT counterparty_id, subject, * FROM events WHERE counterparty_id IN (SELECT subject FROM nearest WHERE s.by_what = 'payer')
)
SELECT nearest.subject AS key, any_value(pow(0.5, s.steps - 1)) AS strength, list(DISTINCT r.row ORDER BY r.row) AS rows, nearest.subject AS account, 0::DOUBLE AS _bystander, any_value(s.steps) AS steps,
  any_value(CASE WHEN s.steps = 1 THEN '1 step' ELSE s.steps || ' steps' END) AS far, any_value(replace(s.what, '_', ' ')) AS what, any_value(s.item) AS item, any_value(s.name) AS list,
  any_value(CASE WHEN s.steps = 1 THEN '' ELSE ', by ' || replace(s.by_what, '_', ' ') || ' ' || regexp_replace(s.by_item, '~[0-9a-f]{8}$', '') || ' of ' || s."through" END) AS via
FROM nearest JOIN related r ON r.who = nearest.subject AND (s.by_what = 'payer' AND r.paid_by IS NULL OR s.by_item = CASE s.by_what WHEN 'account_id' THEN r.account_id WHEN 'device_id' THEN r.device_id WHEN 'card_number' THEN r.card_number WHEN 'card' THEN r.card WHEN 'phone_number' THEN r.phone_number
  WHEN 'email' THEN r.email WHEN 'ip_address' THEN r.ip_address WHEN 'counterparty_id' THEN r.counterparty_id WHEN 'merchant_id' THEN r.merchant_id WHEN 'payer' THEN r.paid_by END)
GROUP BY nearest.subject
ORDER BY key
