-- id: NET-03
-- version: 3
-- title: Address of a data centre, VPN or proxy
-- description: The events come from addresses that hide who is behind them. Where the file does not say whether an address is of a data centre, its network does, if it is
--   one of the large hosters that this check names.
-- needs: account, is_hosting|is_vpn|is_proxy|asn
-- group: anonymity
-- unit: entity
-- weight: 0.3
-- baseline: peers in the file
-- reference: coss: hosting 0.25, VPN 0.3; the networks by their numbers as registered, of hosters who rent machines to anybody
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: Account {account:text}: {n:int} of {own_n:int} event{own_n:s} from {kind:text} addresses, such as {example:text}; {share:few} of the comparable accounts have such events.
WITH hoster AS (
  -- Amazon, Google Cloud, Microsoft Azure, Oracle, IBM, DigitalOcean, Akamai Linode, Vultr, Hetzner, OVH, Scaleway, Leaseweb, Contabo, netcup, IONOS, Alibaba, Tencent, Huawei, HostHatch, ColoCrossing, QuadraNet, M247, Datacamp
  SELECT unnest(['16509', '14618', '396982', '8075', '31898', '36351', '14061', '63949', '20473', '24940', '213230', '16276', '12876', '60781', '28753', '30633', '51167', '197540', '8560', '45102', '37963', '132203', '45090',
    '136907', '55990', '63473', '36352', '8100', '9009', '212238', '60068']) AS asn
),
e AS (
  SELECT subject, t, row, row_key, mine, peer, ip_address, network, coalesce(is_vpn, false) AS vpn, coalesce(is_proxy, false) AS proxy,
    coalesce(is_hosting, hoster.asn IS NOT NULL) AS hosting, vpn OR proxy OR hosting AS hidden
  FROM (SELECT * EXCLUDE (asn), nullif(ltrim(regexp_extract(asn, '[0-9]+'), '0'), '') AS network FROM cohort) LEFT JOIN hoster ON hoster.asn = network WHERE subject IS NOT NULL
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(hidden) AS hit FROM e WHERE peer GROUP BY subject)),
own_n AS (SELECT subject, count(*) AS n FROM e WHERE mine GROUP BY subject),
fired AS (
  SELECT e.*, others(hits, others_n, peer::INT) AS share, CASE WHEN vpn OR proxy THEN 1 ELSE 0.8 END * ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) * ramp(-log10(greatest(commonness(hits, others_n, peer::INT), 1e-6)), 0, 2) AS strength
  FROM e CROSS JOIN common WHERE mine AND hidden
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, any_value(own_n.n) AS own_n, coalesce(min(ip_address), 'one of network AS' || min(network), 'one that the file does not tell') AS example, any_value(share) AS share,
  concat_ws(' and ', CASE WHEN bool_or(vpn) THEN 'VPN' END, CASE WHEN bool_or(proxy) THEN 'proxy' END, CASE WHEN bool_or(hosting) THEN 'data-centre' END) AS kind
FROM fired JOIN own_n USING (subject) WHERE strength > 0
GROUP BY subject
ORDER BY key
