-- The inverse DDL of one phase as a script, line by line: each command as the role that owns its object, under the
-- settings that a rollback pins. Copies of rows are read where the bundle puts them.
CREATE FUNCTION yesterday._inverse_script(deployment bigint, phase text)
RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    step record;
    copy record;
    command text;
    role name;
    aside text;
    -- what is put aside has numbers of this database in its name: here they are counted as they come
    asides text[] := ARRAY(SELECT m[1] FROM yesterday.inverse_ddl i,
                               regexp_matches(i.command, '\m(yesterday_aside_\d+_[a-z]?\d+)\M', 'g') WITH ORDINALITY m(m, place)
                           WHERE i.deployment = deployment AND i.command LIKE '%yesterday_aside_%'
                           GROUP BY m[1] ORDER BY min(i.step * 1000 + place));
BEGIN
    FOR step IN
        SELECT i.owner, i.command FROM yesterday.inverse_ddl i
        WHERE i.deployment = deployment AND i.phase = phase ORDER BY i.step
    LOOP
        IF role IS NULL THEN
            RETURN NEXT 'SET LOCAL search_path = pg_catalog, pg_temp;';
            RETURN NEXT 'SET LOCAL check_function_bodies = off;';
            RETURN NEXT 'SET LOCAL quote_all_identifiers = off;';
            RETURN NEXT 'SET LOCAL transform_null_equals = off;';
            RETURN NEXT 'SET LOCAL default_tablespace = '''';';
            RETURN NEXT 'SET LOCAL default_table_access_method = heap;';
            RETURN NEXT 'SET LOCAL DateStyle = ''ISO, YMD'';';
            RETURN NEXT 'SET LOCAL IntervalStyle = postgres;';
            RETURN NEXT 'SET LOCAL TimeZone = ''UTC'';';
            RETURN NEXT 'SET LOCAL lc_monetary = ''C'';';
        END IF;
        IF role IS DISTINCT FROM step.owner THEN
            role := step.owner;
            RETURN NEXT format('SET ROLE %I;', role);
        END IF;
        command := step.command;
        -- long names first: one may be the beginning of another
        FOR copy IN SELECT s.copy, s.name FROM yesterday._saved_copies(deployment) s ORDER BY length(s.copy) DESC LOOP
            command := replace(command, format('yesterday_shadow.%I', copy.copy), format('yesterday_inverse.%I', copy.name));
        END LOOP;
        IF command LIKE '%yesterday_aside_%' THEN
            FOR aside IN SELECT DISTINCT m[1] FROM regexp_matches(command, '\m(yesterday_aside_\d+_[a-z]?\d+)\M', 'g') m LOOP
                command := regexp_replace(command, '\m' || aside || '\M', 'yesterday_aside_0_' || array_position(asides, aside), 'g');
            END LOOP;
        END IF;
        RETURN NEXT rtrim(command, E' \n;') || ';';
    END LOOP;
    IF role IS NOT NULL THEN
        RETURN NEXT 'RESET ROLE;';
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._inverse_script(bigint, text) IS 'inverse DDL of one phase as a script';
REVOKE ALL ON FUNCTION yesterday._inverse_script(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._inverse_script(bigint, text) TO yesterday_viewer;
