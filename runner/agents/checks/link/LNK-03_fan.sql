-- id: LNK-03
-- version: 7
-- title: Fan-in or fan-out
-- description: Within the window the account receives from, or pays to, far more different counterparties than others do. Counterparties that it also deals with at other times, as an employer with its staff or a shop with its customers, count a quarter, up to as many as are many. A fan that comes again, half as large or larger, at two other times is the account's trade and no finding; at one, it counts half. For the counterparties it counts four tenths, and less where they are more than 25: they may be its victims.
-- needs: account, event_time, counterparty_id
-- group: flow-shape
-- unit: entity
-- weight: 0.35
-- baseline: peers in the file; fixed limit
-- reference: AMLSim patterns fan-in and fan-out; 10 counterparties in 72 h is common practice
-- about: account
-- strengths: row
-- param: many | Counterparties that are many | 10 | 3 | 1000 | counterparties | practice: 10 in 72 h
-- param: hours | Length of the window | 72 | 1 | 720 | h | practice: 72 h
-- param: hub | Counterparties from which on it is taken for a public utility | 500 | 10 | 100000 | counterparties | ours
-- sentence: Account {account:text} {way:text} {k:int} counterparties within {length:span} from {first_at:time} on, {amount:money} in all (many are {$many:int})[, and many again in such windows of {more:int} other payments]; {share:few} of the accounts that did so reach as many.
WITH asked AS (
  SELECT DISTINCT subject AS id FROM own WHERE subject IS NOT NULL
  UNION SELECT DISTINCT counterparty_id FROM own WHERE counterparty_id IS NOT NULL
),
flow AS (
  SELECT 'paid' AS way, subject AS id, counterparty_id AS other, t, row, row_key, amount, coalesce(currency, '') AS currency, in_scope FROM flows
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND t IS NOT NULL AND paid
  UNION ALL
  SELECT 'was paid by', counterparty_id, subject, t, row, row_key, amount, coalesce(currency, '') AS currency, in_scope FROM flows
  WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND t IS NOT NULL AND paid
),
e AS (
  SELECT flow.*, asked.id IS NOT NULL AS mine, hash(flow.id) % $peer_of = 0 AS peer
  FROM flow LEFT JOIN asked ON flow.id = asked.id WHERE asked.id IS NOT NULL OR hash(flow.id) % $peer_of = 0
),
parties AS (SELECT way, id, bool_or(mine) AS mine, bool_or(peer) AS peer, count(DISTINCT other) AS ever FROM e GROUP BY ALL),
-- counterparties of one window alone count in full
met AS (SELECT way, id, other, max(t) - min(t) <= $hours * 3600 AS brief FROM e GROUP BY ALL),
counts AS (
  SELECT e.*, count(DISTINCT other) OVER w AS k, count(DISTINCT other) FILTER (brief) OVER w + 0.25 * least($many, count(DISTINCT other) FILTER (NOT brief) OVER w) AS weighed FROM e JOIN met USING (way, id, other) SEMI JOIN (SELECT way, id FROM parties WHERE ever BETWEEN $many AND $hub) USING (way, id)
  WINDOW w AS (PARTITION BY way, id ORDER BY t RANGE BETWEEN CAST($hours * 3600 AS BIGINT) PRECEDING AND CURRENT ROW)
),
run AS (SELECT *, (way, id) AS item, other AS who, CASE WHEN k >= $many THEN {'weighed': weighed, 'k': k} END AS size FROM counts),
peak AS (SELECT way, id, max(k) AS most FROM counts GROUP BY ALL),
seen AS MATERIALIZED (FROM fullest('run', CAST($hours * 3600 AS BIGINT))),
best AS (SELECT DISTINCT way, id, best.at AS last_at, best.size.k AS k, best.size.weighed AS weighed FROM seen WHERE best IS NOT NULL),
-- of accounts that never reach as many, none counts
counted AS (SELECT way, weighed, count(*) AS n FROM (SELECT way, coalesce(max(weighed), 0) AS weighed FROM parties LEFT JOIN counts USING (way, id) WHERE parties.peer GROUP BY way, id) GROUP BY ALL),
ladder AS (SELECT way, asked.weighed, coalesce(sum(n) FILTER (counted.weighed >= asked.weighed), 0) AS hits, coalesce(sum(n), 0) AS others_n FROM (SELECT DISTINCT way, weighed FROM best) asked JOIN counted USING (way) GROUP BY ALL),
-- how many other times of the window's length, counted from it, have half as many
times AS (
  SELECT way, id, last_at, count(*) AS again FROM (
    SELECT best.way, best.id, last_at, any_value(best.k) AS k, count(DISTINCT other) AS met FROM best JOIN e ON e.way = best.way AND e.id = best.id
    WHERE e.t NOT BETWEEN last_at - $hours * 3600 AND last_at GROUP BY best.way, best.id, last_at, ceil((e.t - last_at) / ($hours * 3600))
  ) WHERE met >= 0.5 * k GROUP BY ALL
),
judged AS (
  SELECT best.*, most, others(ladder.hits, others_n, peer::INT) AS share,
    least(1, weighed / (2 * $many)) * rare(coalesce(commonness(ladder.hits, others_n, peer::INT), 0)) * (1 - 0.5 * least(2, coalesce(again, 0))) AS strength
  FROM best JOIN parties USING (way, id) JOIN peak USING (way, id) LEFT JOIN ladder USING (way, weighed) LEFT JOIN times USING (way, id, last_at) WHERE mine
),
-- an account is told of its strongest window; the rows of its others are cited with what those count, for the counterparties that are only there
top AS (SELECT * FROM judged WHERE strength > 0 QUALIFY row_number() OVER (PARTITION BY way, id ORDER BY strength DESC, k DESC, last_at DESC) = 1),
cited AS (
  SELECT seen.way, seen.id, seen.row, seen.row_key, seen.t, seen.amount, seen.currency, max(CASE WHEN seen.best.at = judged.last_at THEN judged.strength ELSE 0 END) AS strength
  FROM judged JOIN seen ON seen.id = judged.id AND seen.way = judged.way AND seen.t BETWEEN judged.last_at - $hours * 3600 AND judged.last_at
  WHERE judged.strength > 0 GROUP BY ALL
)
SELECT top.id || ' ' || top.way AS key, any_value(top.strength) AS strength, list(c.row ORDER BY c.t, c.row_key) AS rows, list(c.strength::DOUBLE ORDER BY c.t, c.row_key) AS strengths,
  top.id AS account, top.way AS way, any_value(top.k) AS k, min(c.t) FILTER (told) AS first_at, max(c.t) FILTER (told) - min(c.t) FILTER (told) AS length,
  CASE WHEN count(DISTINCT c.currency) FILTER (told) = 1 THEN coalesce(sum(c.amount) FILTER (told)::DOUBLE, 0) END AS amount, any_value(top.share) AS share, nullif(count(*) FILTER (NOT told), 0) AS more,
  least(0.4, 10 / any_value(most)) AS _bystander
FROM (SELECT top.*, cited AS c, cited.t BETWEEN last_at - $hours * 3600 AND last_at AS told FROM top JOIN cited USING (way, id)) AS top
GROUP BY top.id, top.way
ORDER BY key
