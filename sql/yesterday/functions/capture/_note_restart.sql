-- Before RESTART of a sequence, or of the one behind an identity column: where it stands. The first time in a
-- deployment counts.
CREATE FUNCTION yesterday._note_restart(deployment bigint, relation oid, attnum integer)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.sequence_position (deployment, relid, schema_name, sequence_name, next_value, restarted)
    SELECT $1, c.oid, n.nspname, c.relname, yesterday._next_value(c.oid), true
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND c.relpersistence <> 't'
      AND c.oid = CASE WHEN $3 = 0 THEN $2 ELSE (
                  SELECT d.objid FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                    AND d.refobjid = $2 AND d.refobjsubid = $3 AND d.deptype = 'i' LIMIT 1) END
      AND NOT EXISTS (SELECT FROM yesterday.sequence_position p
                      WHERE p.deployment = $1 AND p.relid = c.oid AND p.restarted);
$function$;
COMMENT ON FUNCTION yesterday._note_restart(bigint, oid, integer) IS 'notes where a sequence stands before it is set';
REVOKE ALL ON FUNCTION yesterday._note_restart(bigint, oid, integer) FROM PUBLIC;

-- When a deployment is settled: where the sequences that it set stand. A rollback sets back only what nobody has used since.
CREATE FUNCTION yesterday._note_positions_left(deployment bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    UPDATE yesterday.sequence_position p SET set_to = yesterday._next_value(c.oid)
    FROM pg_class c
    WHERE p.deployment = $1 AND p.restarted AND p.set_to IS NULL AND c.oid = p.relid AND c.relkind = 'S';
$function$;
COMMENT ON FUNCTION yesterday._note_positions_left(bigint) IS 'notes where a deployment left the sequences that it set';
REVOKE ALL ON FUNCTION yesterday._note_positions_left(bigint) FROM PUBLIC;
