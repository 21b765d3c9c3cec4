-- id: VEL-02
-- version: 4
-- title: Card testing
-- description: Within an hour one account, device or address has a run of refused payments, most of its payments are refused, and they are small:
--   someone tries which cards work.
-- needs: event_time, amount, status, account
-- times: minute
-- group: probing
-- unit: entity
-- weight: 0.6
-- baseline: fixed limits; share of refusals in the file
-- reference: gu1, Radar, Jube: more than 3 refusals in an hour, amounts below 10, at least half refused
-- strengths: row
-- param: refused | Refusals in the window that are still ordinary | 3 | 1 | 1000 | payments | gu1: more than 3
-- param: small | Amount up to which a payment is a test | 10 | 0.5 | 1000 | of the currency | practice: below 10
-- param: minutes | Length of the window | 60 | 5 | 1440 | min | practice: 1 h
-- param: any_currency | Judge other currencies than dollars, euros, pounds and the like by it, too (1: yes) | 0 | 0 | 1 | | ours
-- unless: no_values | FROM untold('events', 'payment')
-- unless: no_baseline | SELECT 'the limit on small amounts is meant in dollars, euros, pounds and the like; the amounts in question are in ' || string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM own WHERE amount > 0
--   HAVING count(*) > 0 AND NOT bool_or(near_dollar(currency)) AND $any_currency = 0
-- sentence: {kind:text} {item:text}: {bad:int} of {n:int} payments refused within {length:span} from {first_at:time} on ({ratio:pct}; {share:pct} in the file), median amount {median:money}, on {cards:int} cards.
WITH asked AS (
  SELECT DISTINCT 'Account' AS kind, subject AS item FROM own WHERE subject IS NOT NULL
  UNION ALL SELECT DISTINCT 'Device', device_id FROM own WHERE device_id IS NOT NULL
  UNION ALL SELECT DISTINCT 'Address', ip_address FROM own WHERE ip_address IS NOT NULL
),
pay AS (
  SELECT subject, device_id, ip_address, card_number, amount, currency, status_ok, t, row, row_key, in_scope FROM events
  WHERE t IS NOT NULL AND amount >= 0 AND status_ok IS NOT NULL
),
common AS (SELECT coalesce(avg((NOT status_ok)::INT), 0) AS share, count(*) FILTER (NOT status_ok) AS hits, count(*) AS n FROM pay),
e AS (
  SELECT 'Account' AS kind, subject AS item, pay.* FROM pay SEMI JOIN (SELECT item FROM asked WHERE kind = 'Account') a ON pay.subject = a.item
  UNION ALL SELECT 'Device', device_id, pay.* FROM pay SEMI JOIN (SELECT item FROM asked WHERE kind = 'Device') a ON pay.device_id = a.item
  UNION ALL SELECT 'Address', ip_address, pay.* FROM pay SEMI JOIN (SELECT item FROM asked WHERE kind = 'Address') a ON pay.ip_address = a.item
),
counts AS (
  SELECT e.* REPLACE ((kind, item) AS item), item AS name, count(*) OVER w AS n, count(*) FILTER (NOT status_ok) OVER w AS bad,
    count(*) FILTER (amount <= $small AND (near_dollar(currency) OR $any_currency = 1)) OVER w AS small
  FROM e WINDOW w AS (PARTITION BY kind, item ORDER BY t RANGE BETWEEN CAST($minutes * 60 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- of each day the fullest
run AS (SELECT *, (subject, t // 86400) AS who, CASE WHEN bad > $refused AND bad >= 0.5 * n AND small >= 0.5 * n THEN {'bad': bad, 'n': n} END AS size FROM counts),
seen AS MATERIALIZED (FROM fullest('run', CAST($minutes * 60 AS BIGINT))),
best AS (SELECT DISTINCT kind, name AS item, best.at AS last_at, best.size.bad AS bad FROM seen WHERE best IS NOT NULL),
total AS (SELECT kind, item, count(*) FILTER (NOT status_ok) AS bad, count(*) AS n FROM e GROUP BY ALL),
fired AS (
  SELECT best.*, row_number() OVER (PARTITION BY kind, item ORDER BY best.bad DESC, last_at DESC) AS place, share,
    least(1, 0.5 + 0.5 * (best.bad - $refused) / (2 * $refused)) * ramp(commonness(common.hits - total.bad, common.n - total.n, 0), 0.5, 0.1) AS strength
  FROM best JOIN total USING (kind, item) CROSS JOIN common
)
SELECT lower(fired.kind) || ' ' || fired.item || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows,
  list((coalesce(e.best.at = last_at, false)::INT * strength)::DOUBLE ORDER BY e.t, e.row_key) AS strengths, fired.kind AS kind, fired.item AS item,
  count(*) AS n, count(*) FILTER (NOT status_ok) AS bad, avg((NOT status_ok)::INT) AS ratio, any_value(share) AS share, CASE WHEN count(DISTINCT coalesce(currency, '')) = 1 THEN median(amount::DOUBLE) END AS median,
  count(DISTINCT card_number) AS cards, min(e.t) AS first_at, max(e.t) - min(e.t) AS length
FROM fired JOIN seen e ON e.kind = fired.kind AND e.name = fired.item AND e.t BETWEEN fired.last_at - $minutes * 60 AND fired.last_at
WHERE strength > 0
GROUP BY fired.kind, fired.item, last_at
ORDER BY key
