-- id: PAY-18
-- version: 3
-- title: A sum above a reporting limit in parts below it
-- description: Within days the account pays more than a limit in several payments none of which reaches it, where other accounts, and the account itself at other times, do not. Payments to more than ten payees, as of wages, are no parts of one sum.
-- needs: account, event_time, amount
-- group: structuring
-- unit: entity
-- weight: 0.35
-- baseline: how many of the file's accounts do so; the account's own sum at other times; fixed limit
-- reference: FFIEC appendix F: parts within one to three days
-- param: limit | Reporting limit | 10000 | 100 | 10000000 | of the currency | FFIEC: 10 000
-- param: hours | Length of the window | 72 | 1 | 720 | h | practice: 24 to 72 h
-- param: parts | Fewest parts | 3 | 2 | 1000 | payments | ours
-- param: least | Smallest part that counts, as share of the limit | 0.1 | 0 | 0.9 | share | ours
-- param: any_currency | Judge other currencies than dollars, euros, pounds and the like by it, too (1: yes) | 0 | 0 | 1 | | ours
-- unless: no_baseline | SELECT 'the reporting limit is meant in dollars, euros, pounds and the like; the amounts in question are in ' || string_agg(DISTINCT currency, ', ' ORDER BY currency) FROM own WHERE amount > 0
--   HAVING count(*) > 0 AND NOT bool_or(near_dollar(currency)) AND $any_currency = 0
-- param: payees | Payees up to which payments may be parts of one sum | 10 | 1 | 1000 | accounts | ours
-- sentence: Account {account:text}: {sum:money} in {n:int} payments from {low:money} to {high:money} within {length:span} from {first_at:time} on, none of which reaches {$limit:money}; that is {part:pct} of all that it pays so, and {share:few} of the comparable accounts do the same.
WITH e AS (
  SELECT subject, coalesce(currency, '') AS currency, t, row, row_key, in_scope, mine, peer, amount, counterparty_id
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL AND amount >= $least * $limit AND outgoing AND paid AND (near_dollar(currency) OR $any_currency = 1)
),
account AS (SELECT subject, currency, bool_or(mine) AS mine, bool_or(peer) AS peer, sum(amount) FILTER (amount < $limit) AS total FROM e GROUP BY ALL),
run AS (
  SELECT *, count(*) OVER w AS n, sum(amount) OVER w AS sum, max(amount) OVER w AS high, count(DISTINCT counterparty_id) OVER w AS payees, bool_or(in_scope) OVER w AS scoped FROM e
  WINDOW w AS (PARTITION BY subject, currency ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW)
),
-- each account's largest window, of those that hold a row of the case
peak AS (
  SELECT subject, currency, arg_max(t, (scoped, sum, t)) AS last_at, arg_max(n, (scoped, sum, t)) AS n, arg_max(sum, (scoped, sum, t)) AS sum FROM run
  WHERE n >= $parts AND sum > $limit AND high < $limit AND payees <= $payees GROUP BY ALL
),
hit AS (SELECT currency, count(*) FILTER (peer) AS hits FROM peak JOIN account USING (subject, currency) GROUP BY currency),
common AS (SELECT currency, count(DISTINCT subject) FILTER (peer) AS others_n FROM (SELECT subject, coalesce(currency, '') AS currency, peer FROM cohort WHERE subject IS NOT NULL AND amount > 0) GROUP BY currency),
fired AS (
  SELECT peak.*, sum / total AS part, others(hits, others_n, account.peer::INT) AS share,
    least(1, 0.4 + 0.1 * (n - $parts)) * ramp((sum / total)::DOUBLE, 0.1, 0.5) * ramp(commonness(hits, others_n, account.peer::INT), 0.1, 0.02) AS strength
  FROM peak JOIN account USING (subject, currency) JOIN hit USING (currency) JOIN common USING (currency) WHERE account.mine
)
SELECT fired.subject || CASE WHEN fired.currency = '' THEN '' ELSE ' in ' || fired.currency END AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account, count(*) AS n,
  min(amount)::DOUBLE AS low, max(amount)::DOUBLE AS high, sum(amount::DECIMAL(18,4))::DOUBLE AS sum, any_value(part)::DOUBLE AS part, min(e.t) AS first_at, max(e.t) - min(e.t) AS length, any_value(share) AS share
FROM fired JOIN e ON e.subject = fired.subject AND e.currency = fired.currency AND e.t BETWEEN fired.last_at - $hours * 3600 AND fired.last_at
WHERE strength > 0
GROUP BY fired.subject, fired.currency
ORDER BY key
