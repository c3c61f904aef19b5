-- A sum of 64-bit numbers, modulo 2^64, as a signed one.
CREATE FUNCTION yesterday._wrapped(total numeric) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT (CASE WHEN m.rest >= 9223372036854775808 THEN m.rest - 18446744073709551616 ELSE m.rest END)::bigint
    FROM (SELECT mod(mod(total, 18446744073709551616) + 18446744073709551616, 18446744073709551616) AS rest) m
$function$;
COMMENT ON FUNCTION yesterday._wrapped(numeric) IS 'internal: a sum modulo 2^64';
REVOKE ALL ON FUNCTION yesterday._wrapped(numeric) FROM PUBLIC;
