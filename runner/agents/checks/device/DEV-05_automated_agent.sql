-- id: DEV-05
-- version: 3
-- title: Browser name of a program
-- description: The user agent names a tool, a headless browser or a library, or contradicts itself. What was refused counts four tenths: the program did not get in.
-- needs: account, user_agent
-- group: automation
-- unit: entity
-- weight: 0.35
-- baseline: fixed list; peers in the file
-- reference: names that the tools give themselves
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: Account {account:text}: {n:int} event{n:s} by {example:text} ({why:text}); {share:pct} of comparable accounts have such events.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, user_agent, status_ok,
    CASE
      WHEN regexp_matches(user_agent, '(?i)headless|phantomjs|selenium|puppeteer|playwright|webdriver|electron/|slimerjs') THEN 'a driven browser'
      WHEN regexp_matches(user_agent, '(?i)^(curl|wget|python|go-http|java|okhttp|libwww|perl|ruby|php|node|axios|httpie|aiohttp|scrapy|postman|apache-http|guzzle|undici)|python-requests|httpclient') THEN 'a library or tool'
      WHEN regexp_matches(user_agent, '(?i)bot\b|crawler|spider') AND NOT regexp_matches(user_agent, '(?i)cubot') THEN 'a crawler'
      WHEN length(trim(user_agent)) < 12 AND user_agent LIKE '%/%' THEN 'far shorter than a browser''s'
      WHEN user_agent LIKE '%iPhone%' AND user_agent LIKE '%Windows NT%' OR user_agent LIKE '%Android%' AND user_agent LIKE '%Windows NT%' OR user_agent LIKE '%Trident%' AND user_agent LIKE '%Mac OS X%' THEN 'contradicts itself'
    END AS why
  FROM cohort WHERE subject IS NOT NULL AND user_agent IS NOT NULL
),
common AS (SELECT count(*) FILTER (hit) AS hits, count(*) AS others_n FROM (SELECT bool_or(why IS NOT NULL) AS hit FROM e WHERE peer GROUP BY subject)),
fired AS (
  SELECT e.*, others(hits, others_n, peer::INT) AS share, ramp(commonness(hits, others_n, peer::INT), $common, 0.2 * $common) * CASE WHEN why LIKE 'far%' THEN 0.4 ELSE 1 END * CASE WHEN coalesce(status_ok, true) THEN 1 ELSE 0.4 END AS strength
  FROM e CROSS JOIN common WHERE mine AND why IS NOT NULL
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, min(left(user_agent, 60)) AS example, arg_min(why, (user_agent, t, row_key)) AS why, any_value(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
