-- id: DEV-05
-- version: 4
-- title: Browser name of a program
-- description: The user agent names a tool, a headless browser or a library, or contradicts itself. What was refused counts four tenths: the program did not get in. How ordinary a program is, is told by
--   the accounts that it got into, and of what was refused by those that it tried: an attack does not make its own tool ordinary.
-- needs: account, user_agent
-- group: automation
-- unit: entity
-- weight: 0.35
-- baseline: fixed list; peers in the file
-- reference: names that the tools give themselves
-- strengths: row
-- param: common | Share of accounts at which a program is ordinary | 0.25 | 0.05 | 1 | share | ours
-- sentence: Account {account:text}: {n:int} event{n:s} by {example:text} ({why:text}); {share:few} of the comparable accounts have such events.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, user_agent, coalesce(status_ok, true) AS done, lower(regexp_extract(user_agent, '[A-Za-z][A-Za-z-]*')) AS first_word,
    lower(regexp_extract(user_agent, '(?i)(headless|phantomjs|selenium|puppeteer|playwright|webdriver|electron/|slimerjs)')) AS driver, lower(regexp_extract(user_agent, '(?i)([a-z-]*bot\b|crawler|spider)')) AS robot,
    CASE
      WHEN driver != '' THEN 'a driven browser'
      WHEN regexp_matches(user_agent, '(?i)^(curl|wget|python|go-http|java|okhttp|libwww|perl|ruby|php|node|axios|httpie|aiohttp|scrapy|postman|apache-http|guzzle|undici)|python-requests|httpclient') THEN 'a library or tool'
      WHEN robot != '' AND NOT regexp_matches(user_agent, '(?i)cubot') THEN 'a crawler'
      WHEN length(trim(user_agent)) < 12 AND user_agent LIKE '%/%' THEN 'far shorter than a browser''s'
      WHEN user_agent LIKE '%iPhone%' AND user_agent LIKE '%Windows NT%' OR user_agent LIKE '%Android%' AND user_agent LIKE '%Windows NT%' OR user_agent LIKE '%Trident%' AND user_agent LIKE '%Mac OS X%' THEN 'contradicts itself'
    END AS why,
    CASE why WHEN 'a driven browser' THEN driver WHEN 'a library or tool' THEN first_word WHEN 'a crawler' THEN robot ELSE why END AS program
  FROM cohort WHERE subject IS NOT NULL AND user_agent IS NOT NULL
),
seen AS (SELECT count(DISTINCT subject) FILTER (peer) AS others_n FROM e),
-- of each program, how many accounts it got into, and how many it tried
common AS (
  SELECT program, done, count(DISTINCT subject) FILTER (peer) AS hits FROM (SELECT subject, peer, program, unnest([done, false]) AS done FROM e WHERE why IS NOT NULL) GROUP BY ALL
),
own_hits AS (SELECT subject, program, bool_or(done AND peer)::INT AS got, bool_or(peer)::INT AS tried FROM e WHERE why IS NOT NULL GROUP BY ALL),
judged AS (
  SELECT e.*, others(hits, others_n, CASE WHEN done THEN got ELSE tried END) AS share, commonness(hits, others_n, CASE WHEN done THEN got ELSE tried END) AS common
  FROM e JOIN common USING (program, done) JOIN own_hits USING (subject, program) CROSS JOIN seen WHERE mine AND why IS NOT NULL
),
fired AS (
  SELECT *, ramp(common, $common, 0.2 * $common) * CASE WHEN why LIKE 'far%' THEN 0.4 ELSE 1 END * CASE WHEN done THEN 1 ELSE 0.4 END AS strength FROM judged
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, arg_max(left(user_agent, 60), (strength, user_agent, t, row_key)) AS example, arg_max(why, (strength, user_agent, t, row_key)) AS why, arg_max(share, (strength, user_agent, t, row_key)) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
