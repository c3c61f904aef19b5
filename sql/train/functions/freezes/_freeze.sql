-- A freeze that holds.
CREATE FUNCTION train._freeze(wanted bigint)
RETURNS train.freeze
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    entry train.freeze;
BEGIN
    SELECT f.* INTO entry FROM train.freeze f WHERE f.id = wanted AND f.cleared_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no freeze %', coalesce(wanted::text, 'NULL')
            USING ERRCODE = 'YDT01',
                  DETAIL = coalesce((SELECT format('It was cleared at %s by %s: %s', f.cleared_at, f.cleared_by, f.clear_reason)
                                     FROM train.freeze f WHERE f.id = wanted),
                                    'The registry has none of that number; what a target has set itself is cleared there.'),
                  HINT = 'yesterday train calendar lists them; in SQL SELECT id, kind, scope, reason FROM train.freezes WHERE cleared_at IS NULL;';
    END IF;
    RETURN entry;
END
$function$;
COMMENT ON FUNCTION train._freeze(bigint) IS 'the freeze with this id, if it holds';
REVOKE ALL ON FUNCTION train._freeze(bigint) FROM PUBLIC;

