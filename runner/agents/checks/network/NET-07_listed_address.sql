-- id: NET-07
-- version: 2
-- title: Address on a list of VPNs
-- description: The events come from addresses that a list of VPNs, proxies or data centres names. Lists are brought by the operator; where such addresses are common in the file they say little.
-- needs: account, ip_address
-- needs_list: vpn
-- group: anonymity
-- unit: entity
-- weight: 0.3
-- baseline: lists of VPNs; peers in the file
-- reference: coss: hosting 0.25, VPN 0.3
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: Account {account:text}: {n:int} of {own_n:int} event{own_n:s} from addresses on the list {list:text}, such as {example:text}; {share:few} of the comparable accounts have such events.
WITH listed AS (SELECT value, min(name) AS name FROM lists WHERE kind = 'vpn' GROUP BY value),
e AS (SELECT subject, t, row, row_key, mine, peer, ip_address, name FROM cohort LEFT JOIN listed ON value = ip_address WHERE subject IS NOT NULL AND ip_address IS NOT NULL),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(name IS NOT NULL) AS hit FROM e WHERE peer GROUP BY subject)),
own_n AS (SELECT subject, count(*) AS n FROM e WHERE mine GROUP BY subject),
fired AS (
  SELECT e.*, others(hits, others_n, peer::INT) AS share, ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) * ramp(-log10(greatest(commonness(hits, others_n, peer::INT), 1e-6)), 0, 2) AS strength FROM e CROSS JOIN common WHERE mine AND name IS NOT NULL
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, any_value(own_n.n) AS own_n, min(ip_address) AS example, min_by(name, ip_address) AS list, any_value(share) AS share
FROM fired JOIN own_n USING (subject) WHERE strength > 0
GROUP BY subject
ORDER BY key
