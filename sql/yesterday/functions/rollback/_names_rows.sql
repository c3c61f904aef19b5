-- Does the detail of this line of a report name rows of the table that is its subject?
CREATE FUNCTION yesterday._names_rows(line jsonb)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN line->>'outcome' IN ('held back', 'changed since', 'displaced', 'orphaned', 'unplaceable')
       AND line->>'rows' IS NOT NULL AND line->>'detail' IS NOT NULL;
COMMENT ON FUNCTION yesterday._names_rows(jsonb) IS 'the detail of this line of a report names rows';
REVOKE ALL ON FUNCTION yesterday._names_rows(jsonb) FROM PUBLIC;
