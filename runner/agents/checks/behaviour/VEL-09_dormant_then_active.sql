-- id: VEL-09
-- version: 2
-- title: Silent for long, then active
-- description: After a silence more than twice as long as any other of its own, the account comes back with several events within a week, or with a payment more than twice what nearly all before were.
-- needs: account, event_time
-- group: dormancy
-- unit: entity
-- weight: 0.25
-- baseline: own past; how common such a return is among accounts of the file
-- reference: FFIEC: 12 months; tirreno: 30, 90 and 365 days
-- min_rows: 4
-- param: days | Shortest silence | 30 | 7 | 1000 | days | tirreno: 30, 90, 365
-- param: events | Fewest events on return | 3 | 1 | 100 | events | ours
-- unless: too_few_rows | SELECT 'too few events: the check needs 3 of one account, the most here are ' || coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM own WHERE subject IS NOT NULL AND t IS NOT NULL GROUP BY subject) HAVING coalesce(max(n), 0) < 3
-- sentence: Account {account:text} was silent for {gap:span} until {at:time} and then had {n:int} event{n:s} within a week{amounts:text}; {share:few} of the comparable accounts came back like that.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, in_scope, CASE WHEN paid THEN amount END AS amount, coalesce(currency, '') AS currency,
    t - lag(t) OVER w AS gap, row_number() OVER w - 1 AS earlier,
    count(*) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CURRENT ROW AND 604800 FOLLOWING) AS n,
    bool_or(in_scope) OVER (PARTITION BY subject ORDER BY t RANGE BETWEEN CURRENT ROW AND 604800 FOLLOWING) AS scoped
  FROM cohort WHERE t IS NOT NULL AND subject IS NOT NULL WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
-- who is silent again and again, is so by habit
longer AS (
  SELECT *, greatest(coalesce(max(gap) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), coalesce(max(gap) OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0)) AS longest
  FROM e WINDOW w AS (PARTITION BY subject ORDER BY t, row_key)
),
back AS (SELECT * FROM longer WHERE gap >= $days * 86400 AND gap > 2 * longest AND earlier >= 2),
-- the largest payment of the week, and what nineteen in twenty of those before were below
paid AS (
  SELECT back.subject, back.row_key, arg_max(a.amount, (a.amount, -a.t)) AS amount, any_value(b.usual) AS usual
  FROM back JOIN e a ON a.subject = back.subject AND a.t BETWEEN back.t AND back.t + 604800 AND a.amount > 0
    JOIN (SELECT back.row_key, e.currency, quantile_cont(e.amount::DOUBLE, 0.95) AS usual FROM back JOIN e ON e.subject = back.subject AND e.t < back.t AND e.amount > 0 GROUP BY ALL HAVING count(*) >= 5) b
      ON b.row_key = back.row_key AND b.currency = a.currency AND a.amount > 2 * b.usual
  GROUP BY back.subject, back.row_key
),
returned AS (SELECT back.*, paid.amount AS large, usual FROM back LEFT JOIN paid USING (subject, row_key) WHERE back.n >= $events OR paid.amount IS NOT NULL),
-- each account's longest silence, of those whose end holds a row of the case
hit AS (
  SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, arg_max(struct_pack(gap := gap, began := t, n := n, large := large, usual := usual), (scoped, gap, t, row_key)) AS h FROM returned GROUP BY subject
),
common AS (SELECT (SELECT count(*) FROM hit WHERE peer) AS hits, (SELECT count(*) FROM (SELECT subject FROM e WHERE peer GROUP BY subject HAVING count(*) >= 2 + $events)) AS others_n),
fired AS (
  SELECT subject, h.gap AS gap, h.began AS at, h.n AS n, h.large AS large, h.usual AS usual, others(hits, others_n, peer::INT) AS share,
    least(1, 0.3 + 0.7 * (h.gap - $days * 86400) / (335 * 86400.0)) * ramp(commonness(hits, others_n, peer::INT), 0.2, 0.05) AS strength FROM hit CROSS JOIN common WHERE mine
)
SELECT fired.subject AS key, any_value(strength) AS strength, list(e.row ORDER BY e.t, e.row_key) AS rows, fired.subject AS account,
  any_value(fired.gap) AS gap, any_value(fired.at) AS at, any_value(fired.n) AS n, any_value(share) AS share,
  coalesce(', one of ' || any_value(regexp_replace(replace(format('{:,.2f}', fired.large::DOUBLE), ',', chr(160)), '[.]00$', '') || ' where 95 % of those before were below ' || regexp_replace(replace(format('{:,.2f}', fired.usual), ',', chr(160)), '[.]00$', '')), '') AS amounts
FROM fired JOIN e ON e.subject = fired.subject AND e.t BETWEEN fired.at AND fired.at + 604800
WHERE strength > 0
GROUP BY fired.subject
ORDER BY key
