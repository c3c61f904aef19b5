-- Keeps an inverse bundle, once.
CREATE FUNCTION train.store_inverse(exact_digest text, document text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
BEGIN
    IF exact_digest IS DISTINCT FROM encode(sha256(convert_to(document, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'this is not the document of that digest'
            USING ERRCODE = 'YD022',
                  DETAIL = format('Given was %s; the document has %s.', coalesce(exact_digest, 'NULL'),
                                  coalesce(encode(sha256(convert_to(document, 'UTF8')), 'hex'), 'none')),
                  HINT = 'Both come from one target: yesterday.displaced_digest() and yesterday.inverse_document().';
    END IF;
    IF EXISTS (SELECT FROM train.inverse i WHERE i.exact_digest = exact_digest) THEN
        RETURN false;
    END IF;
    PERFORM train._begin_write('store_inverse()');
    INSERT INTO train.inverse AS i (exact_digest, document) VALUES (exact_digest, document)
    ON CONFLICT ON CONSTRAINT inverse_pkey DO NOTHING;
    RETURN FOUND;
END
$function$;
COMMENT ON FUNCTION train.store_inverse(text, text) IS 'keeps the document of an inverse bundle, equal ones once; true: it is new';
REVOKE ALL ON FUNCTION train.store_inverse(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.store_inverse(text, text) TO yesterday_deployer, yesterday_operator;

