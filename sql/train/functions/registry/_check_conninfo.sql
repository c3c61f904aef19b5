-- A connection string says where, never with which secret: passwords are in .pgpass or a service file
-- of whoever connects.
CREATE FUNCTION train._check_conninfo(conninfo text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    IF coalesce(btrim(conninfo), '') = '' THEN
        RAISE EXCEPTION 'a target needs a connection string'
            USING ERRCODE = 'YD022',
                  DETAIL = 'It says where the database is.',
                  HINT = 'For example: host=db7 dbname=erp, or service=erp7.';
    END IF;
    IF conninfo ~* '(^|[[:space:]?&])(ssl)?(password|%70assword)[[:space:]]*='
       OR conninfo ~* '^[[:space:]]*[a-z]+://[^/@]*:[^/@]*@' THEN
        RAISE EXCEPTION 'the connection string holds a password'
            USING ERRCODE = 'YD022',
                  DETAIL = 'Everybody who may look at the train sees connection strings; nothing was stored.',
                  HINT = 'Take it out, and put it into ~/.pgpass or a service file of whoever connects.';
    END IF;
END
$function$;
COMMENT ON FUNCTION train._check_conninfo(text) IS 'raises unless this is a connection string without a password';
REVOKE ALL ON FUNCTION train._check_conninfo(text) FROM PUBLIC;

