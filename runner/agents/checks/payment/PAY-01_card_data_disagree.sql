-- id: PAY-01
-- version: 2
-- title: The card is not what it is said to be
-- description: The first digits of the card belong to another brand than the file names, or the card is prepaid where cards of this file are not.
-- needs: account, card_prepaid|card_brand, card_prepaid|card_bin|card_number
-- group: cards
-- unit: entity
-- weight: 0.25
-- baseline: ranges of first digits (ISO/IEC 7812); peers in the file
-- reference: MaxMind and Stripe: issuer mismatch, prepaid
-- strengths: row
-- param: common | Share of accounts at which it is ordinary | 0.25 | 0.05 | 1 | share | ours
-- unless: no_values | SELECT 'none of the rows in question tells a brand beside the first digits of a card, nor whether it is prepaid' WHERE NOT EXISTS (FROM own WHERE card_prepaid IS NOT NULL
--   OR regexp_matches(card_brand, 'visa|master|amex|american|discover|jcb|diners|union') AND regexp_matches(coalesce(card_bin, card_number), '^[0-9]{6}'))
-- sentence: Account {account:text}: {n:int} event{n:s} with a card that {example:text}; {share:few} of the comparable accounts have such an event.
WITH e AS (
  SELECT subject, t, row, row_key, mine, peer, coalesce(card_prepaid, false) AS prepaid, regexp_extract(coalesce(card_bin, card_number), '^[0-9]{6}') AS bin,
    CASE WHEN card_brand LIKE '%visa%' THEN 'visa' WHEN card_brand LIKE '%master%' THEN 'mastercard' WHEN regexp_matches(card_brand, 'amex|american') THEN 'amex'
      WHEN card_brand LIKE '%discover%' THEN 'discover' WHEN card_brand LIKE '%jcb%' THEN 'jcb' WHEN card_brand LIKE '%diners%' THEN 'diners' WHEN card_brand LIKE '%union%' THEN 'unionpay' END AS named
  FROM cohort WHERE subject IS NOT NULL
),
ranged AS (
  SELECT *, CASE WHEN bin LIKE '4%' THEN 'visa' WHEN bin BETWEEN '510000' AND '559999' OR bin BETWEEN '222100' AND '272099' THEN 'mastercard' WHEN regexp_matches(bin, '^3[47]') THEN 'amex'
      WHEN regexp_matches(bin, '^(6011|65|64[4-9])') THEN 'discover' WHEN bin LIKE '35%' THEN 'jcb' WHEN regexp_matches(bin, '^3(0|6|8)') THEN 'diners' WHEN bin LIKE '62%' THEN 'unionpay' END AS brand
  FROM e
),
judged AS (
  SELECT *, CASE WHEN brand != named THEN 'is said to be ' || named || ' and begins with ' || bin || ', as ' || brand || ' does' WHEN prepaid THEN 'is prepaid' END AS fault FROM ranged
),
common AS (SELECT count(*) FILTER (kind = 2) AS two, count(*) FILTER (kind >= 1) AS one, count(*) AS others_n FROM (SELECT max(CASE WHEN brand != named THEN 2 WHEN prepaid THEN 1 ELSE 0 END) AS kind FROM judged WHERE peer GROUP BY subject)),
fired AS (
  SELECT judged.*, others(CASE WHEN fault = 'is prepaid' THEN one ELSE two END, others_n, peer::INT) AS share,
    CASE WHEN fault = 'is prepaid' THEN 0.5 ELSE 1 END * ramp(commonness(CASE WHEN fault = 'is prepaid' THEN one ELSE two END, others_n, peer::INT), $common, 0.2 * $common) AS strength
  FROM judged CROSS JOIN common WHERE mine AND fault IS NOT NULL
)
SELECT subject AS key, max(strength) AS strength, list(row ORDER BY t, row_key) AS rows, list(strength ORDER BY t, row_key) AS strengths,
  subject AS account, count(*) AS n, arg_max(fault, (strength, row_key)) AS example, min(share) AS share
FROM fired WHERE strength > 0
GROUP BY subject
ORDER BY key
