-- yesterday._take_image(deployment, phase): stores a schema image. The deparsers qualify every
-- name because the search path holds no schema of the user's. Hash joins only: an image that
-- grows within the transaction has no statistics, and a nested loop over ten thousand objects
-- takes minutes.
CREATE FUNCTION yesterday._take_image(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off SET jit = off SET work_mem = '64MB'
-- constants in defaults, checks and views are deparsed as the session's settings say
SET DateStyle = 'ISO, YMD' SET IntervalStyle = postgres SET TimeZone = 'UTC' SET extra_float_digits = 3
SET bytea_output = hex SET lc_monetary = 'C' SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
BEGIN
    DELETE FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = $2;
    DELETE FROM yesterday.schema_dependency d WHERE d.deployment = $1 AND d.phase = $2;
    PERFORM yesterday._image_relations($1, $2);
    PERFORM yesterday._image_table_parts($1, $2);
    PERFORM yesterday._image_routines($1, $2);
    PERFORM yesterday._image_types($1, $2);
    PERFORM yesterday._image_other_objects($1, $2);
    UPDATE yesterday.schema_object o SET definition = o.definition || jsonb_build_object('security_labels', l.labels)
    FROM (SELECT s.classoid, s.objoid, jsonb_object_agg(format('%s %s', s.objsubid, s.provider), s.label) AS labels
          FROM (SELECT classoid, objoid, objsubid, provider, label FROM pg_seclabel
                UNION ALL SELECT classoid, objoid, 0, provider, label FROM pg_shseclabel) s
          GROUP BY s.classoid, s.objoid) l
    WHERE o.deployment = $1 AND o.phase = $2 AND o.classid = l.classoid AND o.objid = l.objoid;
    PERFORM yesterday._image_dependencies($1, $2);
    PERFORM yesterday._count_image($1, $2);
END
$function$;
COMMENT ON FUNCTION yesterday._take_image(bigint, text) IS 'internal: stores the schema image of a deployment, phase before, after or now';
REVOKE ALL ON FUNCTION yesterday._take_image(bigint, text) FROM PUBLIC;


-- yesterday._count_image(deployment, phase): tells the planner how large images are. Images are joined with one another,
-- and an order of joins chosen for tables of a few rows takes minutes with those of thousands of objects. Only the columns
-- that joins and conditions name are looked at; where others do so at the same time, theirs will do.
CREATE FUNCTION yesterday._count_image(deployment bigint, phase text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET client_min_messages = error
AS $function$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1 AND o.phase = $2 LIMIT 1000) o) = 1000 THEN
        ANALYZE (SKIP_LOCKED)
            yesterday.schema_object (deployment, phase, classid, objid, kind, schema_name, object_name, parent),
            yesterday.schema_dependency (deployment, phase, classid, objid, refclassid, refobjid);
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._count_image(bigint, text) IS 'internal: tells the planner how large images are';
REVOKE ALL ON FUNCTION yesterday._count_image(bigint, text) FROM PUBLIC;
