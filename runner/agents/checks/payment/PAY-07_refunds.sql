-- id: PAY-07
-- version: 4
-- title: Many refunds
-- description: Far more of the account's events are refunds or returns than of the file's. A chargeback that the file tells among its events counts as one; labels are not read. Where at most a quarter of the file's amounts are negative, these are refunds; where more are, negative amounts are bookings of an account.
-- needs: account, event_type|status|amount
-- group: refund
-- unit: entity
-- weight: 0.3
-- baseline: the file's share of refunds, by a binomial tail; fixed limits
-- reference: practice: three times the peers' share, five refunds
-- min_rows: 5
-- min_peers: 20
-- param: refunds | Fewest refunds | 5 | 2 | 1000 | refunds | practice: 5
-- param: times | Times the file's share | 3 | 1.5 | 100 | times | practice: 3
-- unless: no_values | SELECT 'nothing in the file tells a refund: no kind of event or outcome says so, and ' || CASE WHEN count(*) FILTER (amount < 0) = 0 THEN 'no amount is negative' ELSE 'so many amounts are negative that they are bookings' END
--   FROM events HAVING count(*) FILTER (refunded) = 0 AND count(event_type) = 0 AND count(status) = 0 AND count(*) FILTER (amount < 0) NOT BETWEEN 1 AND 0.25 * count(*) FILTER (amount != 0)
-- unless: no_values | FROM untold('events', 'any') WHERE NOT EXISTS (FROM events WHERE refunded OR amount < 0)
-- sentence: Account {account:text}: {k:int} of {n:int} events are refunds ({ratio:pct}), {amount:money} in all, against {share:pct} at the others{where:text}; the odds of that by chance are {p:odds}.
WITH signs AS (SELECT count(*) FILTER (amount < 0) <= 0.25 * count(*) FILTER (amount != 0) AS tell FROM events),
e AS (
  SELECT subject, abs(amount) AS amount, coalesce(currency, '') AS currency, t, row, row_key, mine, peer, card_number, refunded OR coalesce(amount < 0 AND signs.tell AND NOT came, false) AS refund
  FROM cohort CROSS JOIN signs WHERE subject IS NOT NULL
),
whole AS (SELECT count(*) FILTER (refund) AS k, count(*) AS n FROM e WHERE peer),
account AS (
  SELECT subject, bool_or(peer) AS peer, count(*) AS n, count(*) FILTER (refund) AS k, CASE WHEN count(DISTINCT currency) FILTER (refund) = 1 THEN coalesce(sum(amount) FILTER (refund), 0)::DOUBLE END AS amount,
    len(list_filter(list(DISTINCT card_number) FILTER (refund AND card_number IS NOT NULL), c -> NOT list_contains(list(DISTINCT card_number) FILTER (NOT refund AND card_number IS NOT NULL), c))) AS strangers
  FROM e WHERE mine GROUP BY subject HAVING count(*) FILTER (refund) >= $refunds
),
common AS (
  SELECT account.*, (whole.k - account.k * peer::INT) / nullif(whole.n - account.n * peer::INT, 0) AS told_share, (whole.k - account.k * peer::INT + 1) / (whole.n - account.n * peer::INT + 2) AS share FROM account CROSS JOIN whole
),
judged AS (
  SELECT *, k / n AS ratio, CASE WHEN k <= share * n THEN 0 ELSE -n * (k / n * ln(k / n / share) + CASE WHEN k = n THEN 0 ELSE (1 - k / n) * ln((1 - k / n) / (1 - share)) END) / ln(10) END AS log_p
  FROM common
),
fired AS (SELECT *, least(1, greatest(0, (-log_p - 1) / 4) + CASE WHEN strangers > 0 THEN 0.2 ELSE 0 END) * ramp(share, 0.3, 0.1) AS strength FROM judged WHERE ratio >= $times * share AND log_p <= -3)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, any_value(k) AS k, any_value(n) AS n, any_value(ratio) AS ratio, any_value(fired.amount) AS amount,
  any_value(told_share) AS share, CASE WHEN any_value(strangers) > 0 THEN ', ' || any_value(strangers) || ' to a card that never paid' ELSE '' END AS "where", pow(10, any_value(log_p)) AS p
FROM fired JOIN e ON e.subject = fired.subject AND e.refund
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
