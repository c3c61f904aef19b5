-- The target of this name that is registered now.
CREATE FUNCTION train._target(wanted text)
RETURNS train.target
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.target;
BEGIN
    SELECT t.* INTO entry FROM train.target t WHERE t.name = wanted AND t.removed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no target %', coalesce(format('"%s"', wanted), 'NULL')
            USING ERRCODE = 'YDT01',
                  DETAIL = coalesce((SELECT format('One of that name was removed at %s.', max(t.removed_at))
                                     FROM train.target t WHERE t.name = wanted HAVING max(t.removed_at) IS NOT NULL),
                                    'It was never registered here.'),
                  HINT = 'yesterday target list shows them; in SQL SELECT target, group_name FROM train.targets;';
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._target(text) IS 'the target of this name; raises when there is none';
REVOKE ALL ON FUNCTION train._target(text) FROM PUBLIC;

