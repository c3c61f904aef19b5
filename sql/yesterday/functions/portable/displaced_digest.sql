-- What a deployment displaced: portable, which aligned targets share, and exact, of its inverse document. Also in its
-- own transaction, between finish_deployment() and COMMIT.
CREATE FUNCTION yesterday.displaced_digest(deployment bigint DEFAULT NULL, layers text[] DEFAULT NULL)
RETURNS TABLE (portable text, exact text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    entry yesterday.deployment;
    problem text;
BEGIN
    SELECT d.* INTO entry FROM yesterday.deployment d
    WHERE d.id = coalesce(deployment, (SELECT max(l.id) FROM yesterday.deployment l WHERE l.status IN ('finished', 'rolled_back')));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no deployment %', coalesce(deployment::text, 'yet')
            USING ERRCODE = 'YD018',
                  DETAIL = 'Digests are told of finished deployments.',
                  HINT = 'SELECT id, name, status FROM yesterday.history;';
    END IF;
    portable := yesterday._displaced_digest(entry.id, layers);
    exact := entry.exact_digest;
    problem := CASE
        WHEN entry.status NOT IN ('finished', 'rolled_back') THEN format('it is %s', replace(entry.status, '_', ' '))
        WHEN exact IS NULL THEN 'it was finished while this database was on no train'
        WHEN entry.proof = 'off' THEN 'its rollback was not rehearsed'
        WHEN portable IS NULL THEN (SELECT string_agg(format('%s: %s', x.subject, x.detail), '; ') FROM yesterday.displaced x
                                    WHERE x.deployment = entry.id AND x.digest IS NULL) END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'what deployment % "%" displaced cannot be compared with other targets: %', entry.id, entry.name, problem
            USING ERRCODE = 'YD026',
                  DETAIL = 'Digests are taken at finish, while the rollback is rehearsed, where the database is a target of a train.',
                  HINT = 'SELECT yesterday.enroll(registry, group_name, target); and yesterday.proof = full before it is finished.';
    END IF;
    RETURN NEXT;
END
$function$;
COMMENT ON FUNCTION yesterday.displaced_digest(bigint, text[]) IS 'portable and exact digest of what a deployment displaced';
REVOKE ALL ON FUNCTION yesterday.displaced_digest(bigint, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.displaced_digest(bigint, text[]) TO yesterday_deployer;

