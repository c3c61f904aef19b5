-- A text of a value of an enum, or of an array of it, with other names for labels.
CREATE FUNCTION yesterday._respell(written text, is_array boolean, labels_then text[], labels_now text[])
RETURNS text
AS 'MODULE_PATHNAME', 'yd_respell_text'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION yesterday._respell(text, boolean, text[], text[]) IS 'a value of an enum under other names of its labels';
REVOKE ALL ON FUNCTION yesterday._respell(text, boolean, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._respell(text, boolean, text[], text[]) TO yesterday_viewer;

-- A key or an image with the labels that _spellings_since() names; null stays null.
CREATE FUNCTION yesterday._respelled(image jsonb, spellings jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(jsonb_object_agg(e.key, CASE WHEN s.spelling IS NULL THEN to_jsonb(e.value)
        ELSE to_jsonb(yesterday._respell(e.value, (s.spelling ->> 'array')::boolean,
                          ARRAY(SELECT l.value FROM jsonb_array_elements_text(s.spelling -> 'then') WITH ORDINALITY AS l ORDER BY l.ordinality),
                          ARRAY(SELECT l.value FROM jsonb_array_elements_text(s.spelling -> 'now') WITH ORDINALITY AS l ORDER BY l.ordinality))) END), '{}')
    FROM jsonb_each_text(image) e
    CROSS JOIN LATERAL (SELECT spellings -> e.key AS spelling) s
$function$;
COMMENT ON FUNCTION yesterday._respelled(jsonb, jsonb) IS 'a key or an image with labels under other names';
REVOKE ALL ON FUNCTION yesterday._respelled(jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._respelled(jsonb, jsonb) TO yesterday_viewer;

-- The enum that the values of a type are, or are arrays of, by way of domains; no row where they are something else.
CREATE FUNCTION yesterday._enum_inside(type oid)
RETURNS TABLE (enum oid, is_array boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE inside AS (
        SELECT $1 AS type, false AS is_array
        UNION ALL
        SELECT CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE y.typelem END, i.is_array OR y.typtype <> 'd'
        FROM inside i JOIN pg_type y ON y.oid = i.type
        WHERE y.typtype = 'd' OR y.typcategory = 'A' AND y.typelem <> 0
    )
    SELECT i.type, i.is_array FROM inside i JOIN pg_type y ON y.oid = i.type AND y.typtype = 'e'
$function$;
COMMENT ON FUNCTION yesterday._enum_inside(oid) IS 'the enum that values of a type are made of';
REVOKE ALL ON FUNCTION yesterday._enum_inside(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._enum_inside(oid) TO yesterday_viewer;
