-- id: LNK-07
-- version: 3
-- title: Broker of payments
-- description: Far more of the shortest ways by which money can go from account to account run through this one than through others: it ties groups together that have nothing else to do with each other. A hint; honest hubs do the same, and accounts of very many counterparties are left out. For its counterparties it counts less the more they are: in full up to ten.
-- needs: account, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.15
-- baseline: the file's other accounts that lie between any two; fixed limits
-- reference: Brandes 2001; Neo4j and OpenCTI: top 1 % and ten times the median
-- about: account
-- min_file_rows: 200
-- param: times | Times the median | 10 | 2 | 1000 | times | practice: 10
-- param: top | Share of accounts that are the top | 0.01 | 0.001 | 0.2 | share | practice: 1 %
-- param: hub | Counterparties from which on it is taken for a public utility | 200 | 10 | 100000 | counterparties | ours
-- sentence: Account {account:text} lies on the shortest ways between {score:int} pairs of accounts, {times:num} times the median of {median:num} (limit {$times:num}); it is number {place:int} of {accounts:int} accounts that lie between any two, and has {others:int} counterparties.
WITH broker AS (
  SELECT *, score / greatest(median, 1e-9) AS times, rank() OVER (ORDER BY score DESC) AS place FROM (
    SELECT unnest(from_json($brokers::VARCHAR, '[{"account": "VARCHAR", "score": "DOUBLE", "median": "DOUBLE", "accounts": "BIGINT"}]'), recursive := true)
  )
),
-- where many stand out by as much, the file's payments have hubs by nature
common AS (SELECT count(*) FILTER (times >= $times) AS hits, count(*) AS others_n FROM broker),
asked AS (SELECT subject AS id FROM own WHERE subject IS NOT NULL UNION SELECT counterparty_id FROM own WHERE counterparty_id IS NOT NULL),
fired AS (
  SELECT broker.*, least(1, 0.4 + 0.6 * log10(times / $times)) * ramp(commonness(hits, others_n, 1), 0.06, 0.02) AS strength FROM broker CROSS JOIN common
  WHERE times >= $times AND place <= greatest(1, ceil($top * accounts)) AND account IN (SELECT id FROM asked)
),
rowset AS (
  SELECT account, row, t, row_key, counterparty_id AS other FROM fired JOIN flows ON flows.subject = account WHERE counterparty_id IS NOT NULL
  UNION SELECT account, row, t, row_key, subject FROM fired JOIN flows ON flows.counterparty_id = account WHERE subject IS NOT NULL
)
SELECT fired.account AS key, any_value(strength) AS strength, list(r.row ORDER BY r.t, r.row_key) AS rows, fired.account AS account, any_value(score) AS score, any_value(times) AS times, any_value(median) AS median,
  any_value(place) AS place, any_value(accounts) AS accounts, count(DISTINCT other) AS others, least(1, 10 / count(DISTINCT other)) AS _bystander
FROM fired JOIN rowset r ON r.account = fired.account
WHERE strength > 0
GROUP BY fired.account HAVING count(DISTINCT other) <= $hub
ORDER BY key
