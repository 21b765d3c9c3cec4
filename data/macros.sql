CREATE MACRO others(hits, n, own) AS CASE WHEN n - own >= 20 THEN (hits - own) / (n - own) END;
CREATE MACRO commonness(hits, n, own, weight := 1) AS CASE WHEN n - own >= 20 THEN (hits - own + weight) / (n - own + weight) WHEN n >= 40 THEN 1 ELSE 0 END;
CREATE MACRO half(k, strong) AS CASE WHEN k <= strong THEN k ELSE greatest(strong, k / 2) END;
CREATE MACRO habit(hits, n) AS CASE WHEN n >= 30 THEN hits / n END;
CREATE MACRO ramp(x, low, high) AS least(1, greatest(0, (x - low) / (high - low)));
CREATE MACRO rare(share) AS ramp(-log10(greatest(share, 1e-6)), 0.5, 1.5);
-- log10 of the chance of k or more where mean are to be expected, for k above the mean: the first term of the Poisson tail, and a geometric series above the rest
CREATE MACRO poisson_tail(k, mean) AS (k * ln(mean) - mean - lgamma(k + 1) + ln((k + 1) / (k + 1 - mean))) / ln(10);
CREATE MACRO spelt(kind) AS lower(regexp_replace(strip_accents(kind), '([a-z0-9])([A-Z])', '\1_\2', 'g'));
CREATE MACRO words(kind, these) AS regexp_matches(kind, '(^|[^a-z])(' || these || ')([^a-z]|$)');
-- a credit transfer is paid, and a sign-in is no money
CREATE MACRO incoming(kind) AS regexp_full_match(trim(kind), 'cr|credit(s|ed)?|haben|in|incoming|inbound|inflow|deposit(s|ed)?|receive(d)?|receipt|credito|abono|entrada|entrata|haber|recu|bij|gutschrift(en)?|(zahlungs|geld)?eingang|(incoming|inbound|received|deposit|credit)[^a-z]+(payment|money|amount|entry|booking)|(cash|money|paid|payment|transfer|funds)[^a-z]?(in|received)');
CREATE MACRO is_login(kind) AS words(kind, 'log(ged)?.?[io]n|sign(ed)?.?[io]n|authenticat[a-z]*|authn|log.?in.?(ok|attempts?|succe[a-z]*|fail[a-z]*)|user.session.start|connexion|anmeldung|einloggen|inicio.(de.)?sesion|acceso|acesso|accesso|inloggen|logowanie');
CREATE MACRO is_refund(kind) AS words(kind, 'refund(s|ed)?|reversal|reversed|return(s|ed)?|charge.?backs?|retourniert|retoure|erstattet|erstattung|storno|storniert|gutschrift|rembours[a-z]*|reembols[a-z]*|devolucion(es)?|devolucao|anulacion|estorn[a-z]*|rimbors[a-z]*|terugbetaling|creditnota');
CREATE MACRO credential() AS '(password|passcode|pin|e.?mail|phone|mobile|address|profile|beneficiary|payee|2fa|mfa|sim|senha|contrasena|clave|correo|mot.de.passe|passwort|kennwort|wachtwoord|telefono|telefone|telephone|telefon|celular|movil|direccion|endereco|adresse|beneficiario|beneficiaire)';
CREATE MACRO changes(kind) AS words(kind, credential() || '([^a-z].*)?[^a-z]?(chang|updat|reset|add|remov|disabl|replac|edit|swap|swapp|ae?nderung|geae?ndert|gewijzigd)(e|ed|ing)?')
  OR words(kind, '(chang|updat|reset|add|remov|disabl|replac|edit|new|swap|troca|cambio|alteracao|alteracion|mudanca|modificacao|modificacion|changement|modification|wijziging)(e|ed|ing)?[^a-z](.*[^a-z])?' || credential());
CREATE MACRO payout(kind) AS words(kind, 'pay.?outs?|withdraw[a-z]*|cash.?outs?|transfer.?out|redeem(s|ed)?|redemptions?|resgates?|saques?|retiros?|retraits?|prelievi|prelievo|auszahlung(en)?|abhebung(en)?|opname');
CREATE MACRO transfer(kind) AS words(kind, 'transfer(s|red)?|transferencias?|virements?|bonifico|bonifici|uberweisung(en)?|overboeking(en)?') OR payout(kind);
-- the commonest kinds of the file's events, for the reason why none of them is what is looked for
CREATE MACRO kinds_seen(used) AS TABLE
  SELECT string_agg('"' || event_type || '"', ', ' ORDER BY n DESC, event_type) AS kinds FROM (SELECT event_type, count(*) AS n FROM query_table(used) WHERE event_type IS NOT NULL GROUP BY event_type ORDER BY n DESC, event_type LIMIT 5);
CREATE MACRO mailbox(email) AS CASE WHEN split_part(lower(email), '@', 2) IN ('gmail.com', 'googlemail.com') THEN replace(split_part(split_part(lower(email), '@', 1), '+', 1), '.', '') || '@gmail.com'
  ELSE split_part(split_part(lower(email), '@', 1), '+', 1) || '@' || split_part(lower(email), '@', 2) END;
CREATE MACRO network(ip) AS CASE WHEN regexp_matches(ip, '^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$') THEN regexp_extract(ip, '^[0-9]+[.][0-9]+[.][0-9]+') || '.0/24'
  WHEN regexp_matches(ip, '^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:') THEN regexp_extract(ip, '^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+') || '::/48'
  WHEN regexp_matches(ip, '^[0-9a-f]+:[0-9a-f]+::') THEN regexp_extract(ip, '^[0-9a-f]+:[0-9a-f]+') || '::/48' END;
CREATE MACRO near_dollar(currency) AS coalesce(currency, 'USD') IN ('USD', 'EUR', 'GBP', 'CHF', 'CAD', 'AUD', 'NZD', 'SGD');

-- fullest tells of each use of an item in which of its windows most was seen. A window ends at a use and is as long as width; size is null where it does not count. Of the windows that hold the use it is
-- the one of the largest size; of those alike the last before a fixed moment, so that an item of steady use has few. best is the fullest that holds a use by who in scope: what somebody is told of is so the same
-- in a case on him and in a ranking of all.
CREATE MACRO fullest(uses, width) AS TABLE
SELECT * EXCLUDE (held), max(held) FILTER (in_scope) OVER (PARTITION BY item, who) AS best FROM (
  SELECT *, max(CASE WHEN size IS NOT NULL THEN {'size': size, 'turn': t % width, 'at': t} END) OVER (PARTITION BY item ORDER BY t RANGE BETWEEN CURRENT ROW AND width FOLLOWING) AS held
  FROM query_table(uses)
);

-- sharing judges items that several accounts use within a window: strange is 0 where the file's items are shared as much anyway. uses are those of the items asked for and of peers; everywhere are all.
CREATE MACRO sharing(uses, everywhere, width, strong, hub) AS TABLE
WITH used AS MATERIALIZED (FROM query_table(uses)),
often AS (SELECT subject FROM used WHERE peer GROUP BY subject HAVING count(*) > 1),
-- how often the next use of other items is by another account, of accounts that come more than once: where nearly always, sharing means nothing
step AS (SELECT item, subject, subject != lag(subject) OVER (PARTITION BY item ORDER BY t, row_key) AS changed FROM used WHERE peer),
turn AS (SELECT item, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step SEMI JOIN often USING (subject) GROUP BY item),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
items AS (SELECT item, bool_or(mine) AS mine, bool_or(peer) AS peer, count(DISTINCT subject) AS ever FROM used GROUP BY item),
counts AS (
  SELECT used.*, subject AS who, count(DISTINCT subject) OVER w AS k FROM used SEMI JOIN (SELECT item FROM items WHERE ever > 1 AND (mine OR ever <= hub)) USING (item)
  WINDOW w AS (PARTITION BY item ORDER BY t RANGE BETWEEN width PRECEDING AND CURRENT ROW)
),
run AS (SELECT *, CASE WHEN k > 1 THEN k END AS size FROM counts),
seen AS MATERIALIZED (FROM fullest('run', width)),
best AS (SELECT DISTINCT item, best.at AS last_at, best.size AS k FROM seen WHERE best IS NOT NULL),
-- how much of the file's traffic is on items shared as much: counted by pairs of account and item, since a shared one concerns many accounts
counted AS (SELECT k, sum(ever) AS pairs FROM (SELECT item, any_value(ever) AS ever, coalesce(max(size), any_value(ever)) AS k FROM items LEFT JOIN seen USING (item) WHERE items.peer GROUP BY item) GROUP BY k),
-- a hub is measured against what is half its size: one item of sixty accounts is strange where the others have one account, and not where they are kinds of items
ladder AS (
  SELECT asked.k, coalesce(sum(pairs) FILTER (counted.k >= asked.k), 0) AS hits, coalesce(sum(pairs) FILTER (counted.k >= half(asked.k, strong)), 0) AS alike, coalesce(sum(pairs) FILTER (counted.k >= least(asked.k, 3)), 0) AS any_shared, coalesce(sum(pairs), 0) AS n
  FROM (SELECT DISTINCT k FROM best) asked CROSS JOIN counted GROUP BY asked.k
),
judged AS (
  SELECT best.*, row_number() OVER (PARTITION BY item ORDER BY k DESC, last_at DESC) AS place, others(ladder.hits, ladder.n, ever * peer::INT) AS share, ever > hub AS public,
    ramp(commonness(alike, ladder.n, ever * peer::INT), 0.2, 0.05) * ramp(commonness(any_shared, ladder.n, ever * peer::INT), 0.9, 0.5)
      * ramp(coalesce(habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)), 0), 0.9, 0.6) AS strange
  FROM best JOIN items USING (item) JOIN ladder USING (k) LEFT JOIN turn USING (item) CROSS JOIN turns WHERE mine
),
shown AS (
  SELECT judged.*, seen.subject, seen.t, seen.row, seen.row_key, coalesce(seen.best.at = judged.last_at, false)::INT AS held
  FROM judged JOIN seen ON seen.item = judged.item AND seen.t BETWEEN judged.last_at - width AND judged.last_at
),
-- accounts that are seen elsewhere, too; customers of a kiosk, or a family, have items of their own
elsewhere AS (SELECT subject FROM query_table(everywhere) WHERE subject IN (SELECT subject FROM shown) GROUP BY subject HAVING min(item) != max(item)),
-- accounts that came and were gone within a day, most of which on one day: a thief goes through what was stolen; customers of a kiosk come one by one, and a family comes back
visit AS (SELECT item, subject, min(t) AS came FROM used SEMI JOIN judged USING (item) GROUP BY ALL HAVING max(t) - min(t) < 86400),
crowd AS (
  SELECT item, last_at, max(n) AS at_once FROM (
    SELECT item, last_at, count(*) OVER (PARTITION BY item, last_at ORDER BY came RANGE BETWEEN 86400 PRECEDING AND CURRENT ROW) AS n
    FROM (SELECT DISTINCT item, last_at, subject FROM shown) JOIN visit USING (item, subject)
  ) GROUP BY ALL
)
SELECT item || CASE WHEN any_value(place) = 1 THEN '' ELSE ' until ' || last_at END AS key, item, any_value(k) AS k, any_value(share) AS share, bool_or(public) AS public, any_value(strange) AS strange,
  count(DISTINCT subject) FILTER (subject NOT IN (SELECT subject FROM elsewhere)) / count(DISTINCT subject) AS only_here, coalesce(any_value(at_once), 0) AS at_once,
  min(t) AS first_at, max(t) - min(t) AS length, list(row ORDER BY t, row_key) AS rows, list(held ORDER BY t, row_key) AS held
FROM shown LEFT JOIN crowd USING (item, last_at) GROUP BY item, last_at;

-- variety judges accounts that use several items within a window, by the fullest that holds a row of the case: strange is 0 where the file's accounts use as many, or change them all the time.
CREATE MACRO variety(uses, width) AS TABLE
WITH used AS MATERIALIZED (FROM query_table(uses)),
-- how often the next use by other accounts is of another item: where nearly always, many items mean nothing
step AS (SELECT subject, item != lag(item) OVER (PARTITION BY subject ORDER BY t, row_key) AS changed FROM used WHERE peer),
turn AS (SELECT subject, count(*) FILTER (changed) AS hits, count(changed) AS n FROM step GROUP BY subject),
turns AS (SELECT sum(hits) AS hits, sum(n) AS n FROM turn),
account AS (SELECT subject, bool_or(mine) AS mine, bool_or(peer) AS peer, min(item) != max(item) AS several FROM used GROUP BY subject),
run AS (
  SELECT subject, t, count(DISTINCT item) OVER w AS k, bool_or(in_scope) OVER w AS scoped FROM used SEMI JOIN (SELECT subject FROM account WHERE several) USING (subject)
  WINDOW w AS (PARTITION BY subject ORDER BY t RANGE BETWEEN width PRECEDING AND CURRENT ROW)
),
top AS (SELECT subject, arg_max(k, (scoped, k, t)) AS k, arg_max(t, (scoped, k, t)) AS last_at FROM run GROUP BY subject),
peak AS (SELECT account.*, coalesce(k, 1) AS k, last_at FROM account LEFT JOIN top USING (subject)),
ladder AS (SELECT k, sum(count(*) FILTER (peer)) OVER (ORDER BY k DESC) AS hits, sum(count(*) FILTER (peer)) OVER () AS n FROM peak GROUP BY k),
judged AS (
  SELECT peak.subject, k, last_at, others(ladder.hits, ladder.n, peer::INT) AS share, commonness(ladder.hits, ladder.n, peer::INT) AS common,
    habit(turns.hits - coalesce(turn.hits, 0), turns.n - coalesce(turn.n, 0)) AS switching
  FROM peak JOIN ladder USING (k) LEFT JOIN turn USING (subject) CROSS JOIN turns WHERE mine AND k > 1
)
SELECT subject, any_value(k) AS k, any_value(last_at) AS last_at, any_value(share) AS share, any_value(judged.switching) AS switching, any_value(rare(common) * ramp(coalesce(judged.switching, 0), 0.9, 0.6)) AS strange,
  count(*) AS n, min(used.t) AS first_at, max(used.t) - min(used.t) AS length, list(used.row ORDER BY used.t, used.row_key) AS rows
FROM judged JOIN used USING (subject) WHERE used.t BETWEEN last_at - width AND last_at
GROUP BY subject;
CREATE MACRO untold(used, kind) AS TABLE
  SELECT 'most of the words for outcomes are not known as accepted or refused: ' || array_to_string(list_slice(list('"' || word || '"' ORDER BY n DESC, word) FILTER (status_ok IS NULL), 1, 5), ', ') || CASE WHEN count(*) FILTER (status_ok IS NULL) > 5 THEN ' and others' ELSE '' END AS reason
  FROM (
    SELECT left(status, 40) AS word, status_ok, count(*) AS n FROM query_table(used)
    WHERE status IS NOT NULL AND NOT refunded AND CASE kind WHEN 'login' THEN coalesce(login, amount IS NULL) WHEN 'payment' THEN amount IS NOT NULL ELSE true END GROUP BY ALL
  )
  HAVING 2 * sum(n) FILTER (status_ok IS NULL) > sum(n) OR sum(n) FILTER (status_ok IS NULL) > 0 AND NOT bool_or(status_ok IS NOT NULL AND NOT status_ok)
    AND NOT bool_and(status_ok IS NOT NULL OR words(spelt(word), 'pending|processing|open|new|created|initiated|submitted|cancel(l)?ed'));
