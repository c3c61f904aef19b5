-- Before TRUNCATE of a table: where its own sequences stand.
CREATE FUNCTION yesterday._note_sequences(deployment bigint, relation oid)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.sequence_position (deployment, relid, schema_name, sequence_name, next_value)
    SELECT $1, c.oid, n.nspname, c.relname, yesterday._next_value(c.oid)
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid = $2 AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i');
$function$;
COMMENT ON FUNCTION yesterday._note_sequences(bigint, oid) IS 'notes where the sequences of a table stand';
REVOKE ALL ON FUNCTION yesterday._note_sequences(bigint, oid) FROM PUBLIC;

