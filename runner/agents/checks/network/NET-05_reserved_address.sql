-- id: NET-05
-- version: 2
-- title: Address that no visitor can have
-- description: The events come from a private, reserved or documentation address: it was forged, or the file holds the address of a proxy. Where such addresses are common in the file they say nothing.
-- needs: account, ip_address
-- group: anonymity
-- unit: entity
-- weight: 0.15
-- baseline: address ranges of IANA; peers in the file
-- reference: RFC 6890: special-purpose addresses
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.1 | 0.01 | 1 | share | ours
-- sentence: Account {account:text}: {n:int} of {own_n:int} event{own_n:s} from addresses that no visitor can have, such as {example:text} ({kind:text}); {share:few} of the comparable accounts have such events.
WITH e AS (
  SELECT subject, ip_address, t, row, row_key, mine, peer,
    CASE WHEN regexp_matches(ip_address, '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|f[cd][0-9a-f]{2}:)') THEN 'private'
      WHEN regexp_matches(ip_address, '^(127\.|::1$)') THEN 'loopback'
      WHEN regexp_matches(ip_address, '^(169\.254\.|fe[89ab][0-9a-f]:)') THEN 'link-local'
      WHEN regexp_matches(ip_address, '^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|198\.1[89]\.|2001:db8:)') THEN 'documentation or test'
      WHEN regexp_matches(ip_address, '^(0\.|22[4-9]\.|23[0-9]\.|24[0-9]\.|25[0-5]\.|ff[0-9a-f]{2}:|::$)') THEN 'reserved' END AS kind
  FROM cohort WHERE subject IS NOT NULL AND ip_address IS NOT NULL
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(kind IS NOT NULL) AS hit FROM e WHERE peer GROUP BY subject)),
own_n AS (SELECT subject, count(*) AS n FROM e WHERE mine GROUP BY subject),
fired AS (SELECT e.*, others(hits, others_n, peer::INT) AS share, ramp(commonness(hits, others_n, peer::INT), $common, 0.25 * $common) AS strength FROM e CROSS JOIN common WHERE mine AND kind IS NOT NULL)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, any_value(own_n.n) AS own_n, min(ip_address) AS example, min_by(kind, ip_address) AS kind, any_value(share) AS share
FROM fired JOIN own_n USING (subject) WHERE strength > 0
GROUP BY subject
ORDER BY key
