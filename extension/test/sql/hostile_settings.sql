-- Settings of a session that change what values look like as text, or what text means, change
-- nothing: a deployment under one set of them is rolled back exactly under another.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
-- what is stored as text (everything that is not a type of pg_catalog) and what is not
-- a server can be built without libxml
CREATE FUNCTION xml_or_text() RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM '<a/>'::xml; RETURN 'xml'; EXCEPTION WHEN feature_not_supported THEN RETURN 'text'; END $$;
SELECT xml_or_text() AS xml \gset
CREATE TYPE amounts AS (m money, f float8, r real, d date, ts timestamp, tz timestamptz, i interval, b bytea, x :xml, a text[], n numeric, o bool);
CREATE DOMAIN price AS money;
CREATE TYPE mood AS ENUM ('NULL', 'null', 'say "so"', '{}');
CREATE TYPE span AS RANGE (subtype = timestamptz);
CREATE TABLE t (
    id int PRIMARY KEY, m money, p price, f float8, r real, d date, ts timestamp, tz timestamptz, i interval,
    b bytea, x :xml, j json, jb jsonb, a text[], da date[], c amounts, cs amounts[], e mood, es mood[], s span, q regclass, k char(3));
INSERT INTO t
SELECT n, (n * 1.25)::text::money, (n * -3.5)::text::money, n / 3.0::float8, n / 7.0::real, '2001-02-03'::date + n,
       '2001-02-03 04:05:06.789'::timestamp + n * '1 day 01:01:01'::interval, '2001-02-03 04:05:06.789+00'::timestamptz + n * '33 days'::interval,
       format('%s mons -%s days 04:05:06.7', n, n)::interval, decode(repeat('00ff5c27', n), 'hex'), '<a>x</a>',
       '{"a":  1}', '{"a": 1}', ARRAY['x', NULL, 'NULL', ''], ARRAY['2001-02-03'::date, NULL],
       ROW((n * 2.5)::text::money, n / 3.0, n / 7.0, '2001-02-03', '2001-02-03 04:05:06.789', '2001-02-03 04:05:06.789+00', '-1 mons +2 days -04:05:06', '\x00ff27',
           '<a>x</a>', ARRAY['x', NULL, 'NULL'], n / 3.0, true)::amounts,
       NULL, (ARRAY['NULL', 'null', 'say "so"', '{}'])[1 + n % 4]::mood, ARRAY['NULL', NULL, '{}']::mood[],
       span('2001-02-03 04:05:06+00'::timestamptz, NULL), 'pg_class'::regclass, 'x'
FROM generate_series(1, 12) n;
UPDATE t SET cs = ARRAY[c, NULL, c];
-- fragments, and a document that is no fragment's like
UPDATE t SET x = 'text only <b/>' WHERE id % 2 = 0;
SELECT yesterday.track('t');
CREATE TABLE biz (LIKE t INCLUDING ALL);
INSERT INTO biz SELECT * FROM t;
CREATE TYPE other_span AS RANGE (subtype = timestamptz);
ALTER TABLE biz ADD s2 other_span DEFAULT other_span('2001-02-03 04:05:06+00', NULL);

-- one hostile set at the deployment, another one at the rollback
\set hostile_1 'SET DateStyle = "SQL, DMY"; SET IntervalStyle = sql_standard; SET extra_float_digits = -15; SET TimeZone = "America/St_Johns"; SET bytea_output = escape; SET xmloption = document; SET xmlbinary = hex; SET array_nulls = off; SET quote_all_identifiers = on; SET transform_null_equals = on; SET backslash_quote = off; SET escape_string_warning = off; SET standard_conforming_strings = off; SET client_encoding = LATIN1; SET check_function_bodies = on; SET row_security = on; SET work_mem = ''64kB''; SET default_transaction_read_only = off; SET search_path = pg_catalog; SET default_tablespace = pg_default; SET default_toast_compression = pglz; SET synchronous_commit = off; SET lc_monetary = :"other";'
\set hostile_2 'SET DateStyle = "German"; SET IntervalStyle = iso_8601; SET extra_float_digits = 0; SET TimeZone = "Asia/Kathmandu"; SET bytea_output = hex; SET xmloption = content; SET xmlbinary = base64; SET array_nulls = on; SET quote_all_identifiers = off; SET transform_null_equals = off; SET standard_conforming_strings = on; SET client_encoding = UTF8; SET search_path = pg_temp, public; SET lc_numeric = "C"; SET lock_timeout = 0; SET constraint_exclusion = on; SET default_statistics_target = 1; SET lc_monetary = "C";'
-- and a locale in which money is written in another way than in C: without one the check says nothing
CREATE FUNCTION other_money() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    candidate text;
    decimals text;
BEGIN
    FOR candidate IN SELECT unnest('{de_DE.UTF-8,de_DE.utf8,fr_FR.UTF-8,fr_FR.utf8,da_DK.UTF-8,pt_BR.UTF-8}'::text[])
                     UNION ALL SELECT collcollate FROM pg_collation WHERE collprovider = 'c'
    LOOP
        BEGIN
            PERFORM set_config('lc_monetary', candidate, true);
            decimals := 1234.5::numeric::money::text;
        EXCEPTION WHEN invalid_parameter_value THEN
            CONTINUE;       -- the server's machine does not have it
        END;
        IF decimals LIKE '%234,50%' THEN
            RETURN candidate;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
SELECT coalesce(other_money(), 'none') AS other, other_money() IS NULL AS no_other \gset
\if :no_other
\echo 'NOT TESTED: no locale of this machine writes money in another way than C. Make one: localedef -i de_DE -f UTF-8 de_DE.UTF-8'
\endif

CALL oracle.remember();
:hostile_1
BEGIN;
SELECT yesterday.begin_deployment('patch');
UPDATE public.t SET m = m + '1'::money, p = '7', f = 0.1, r = 0.1, d = d + 1, ts = ts + '1s', tz = tz + '1s', i = i * 2, b = b || '\\x01'::bytea,
    x = '<c/>', a = '{a,NULL}', da = NULL, c = NULL, cs = NULL, e = 'null', es = '{}', s = NULL, k = 'y' WHERE id % 3 > 0;
DELETE FROM public.t WHERE id % 3 = 0;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT oracle.changes() > 0 AS changed;
:hostile_2
SELECT subject, outcome, rows FROM rollback_preview();
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
CALL oracle.clear();

-- the other way round, with DDL that has values saved, made text and put back, and in open scope
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
:hostile_2
SET yesterday.deployment = :id;
UPDATE t SET f = f * 2 WHERE id = 1;
:hostile_1
ALTER TABLE public.t DROP COLUMN c, DROP COLUMN p, DROP COLUMN tz, ALTER d TYPE timestamp;
ALTER TABLE public.biz DROP COLUMN c, DROP COLUMN p, DROP COLUMN tz, ALTER i TYPE text, ALTER m TYPE numeric USING 0, ALTER ts TYPE text;
UPDATE public.t SET d = d + '1 day'::interval;
DELETE FROM public.t WHERE id = 7;
DROP TYPE public.other_span CASCADE;
:hostile_2
RESET yesterday.deployment;
SELECT count(*) > 0 AS finished FROM yesterday.finish_deployment(:id);
SELECT oracle.changes() > 0 AS changed;
:hostile_1
SELECT count(*) FILTER (WHERE outcome NOT IN ('restored', 'removed', 'unchanged', 'rolled back')) > 0 AS objects,
       string_agg(outcome, ', ') FILTER (WHERE outcome IN ('held back', 'changed since', 'orphaned', 'unplaceable', 'displaced')) AS exceptions
FROM public.rollback_last();
:hostile_2
SELECT * FROM oracle.difference();
CALL oracle.clear();
