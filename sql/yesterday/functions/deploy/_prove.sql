-- Runs the real rollback in a subtransaction, compares with the state before, and undoes
-- the subtransaction. Raises when the rollback would not be exact.
-- In transaction scope the digests are taken under one snapshot: "before" leaves out what this
-- transaction changed, "now" includes it; without DDL both are taken after the rehearsal, over
-- the rows in which they can differ. In open scope the first member that touched a table
-- left its digest, and whoever else wrote rows since the difference that they make; a table that
-- others wrote as a whole is proven on the touched rows alone, and counted.
-- Business tables that DDL took something from, or that its inverse writes anew, are compared by hashes of their rows:
-- before the first such command, before the rehearsal and after it (_compare_rows()).
CREATE FUNCTION yesterday._prove(deployment bigint, level text)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    started timestamptz := clock_timestamp();
    wal_before pg_lsn := pg_current_wal_insert_lsn();
    in_transaction boolean := yesterday._in_transaction_scope();
    has_ddl boolean := yesterday._has_ddl(deployment);
    left_out bigint := 0;
    -- open scope: rows of others that the comparison takes into account, and their tables
    keys_beside bigint := 0;
    written_beside bigint[] := '{}';
    held_back bigint := 0;
    captured record;
    digests jsonb := '{}';
    by_change bigint[] := '{}';
    expected text;
    digest text;
    step record;
    report jsonb := '[]';
    rolled_rows bigint := 0;
    objects bigint := 0;
    wrong record;
    -- what begin_deployment(accept_irreversible => true) accepted, line by line
    accepted boolean := (SELECT d.accept_irreversible FROM yesterday.deployment d WHERE d.id = deployment);
    residue jsonb := '[]';
    figures jsonb;
    business jsonb := '[]';
    differing jsonb := '[]';
    lost record;
    business_left_out bigint := 0;
BEGIN
    IF level = 'full' THEN
        FOR lost IN
            SELECT u.*, d.proof_level FROM yesterday._rows_unseen(deployment) u JOIN yesterday.deployment d ON d.id = deployment
            WHERE has_ddl ORDER BY u.schema_name, u.table_name
        LOOP
            IF lost.proof_level <> 'full' THEN
                -- when it began, nobody was to look at them
                left_out := left_out + 1;
                CONTINUE;
            ELSIF accepted THEN
                residue := residue || jsonb_build_object('subject', format('%I.%I', lost.schema_name, lost.table_name), 'outcome', 'residue',
                                                         'rows', NULL, 'detail', format('nobody looked at its rows before: %s', lost.what));
                CONTINUE;
            END IF;
            RAISE EXCEPTION 'the rollback of deployment % cannot be proven for table "%.%"', deployment, lost.schema_name, lost.table_name
                USING ERRCODE = 'YD015',
                      DETAIL = format('After the deployment %s; nothing looked at its rows before.', lost.what),
                      HINT = 'The deployment does not count. Take the change out of it, or accept it as irreversible: begin_deployment(accept_irreversible => true).';
        END LOOP;
        business := CASE WHEN has_ddl THEN yesterday._rows_to_compare(deployment) ELSE business END;
        PERFORM yesterday._digest_begin();
        FOR captured IN
            SELECT c.id FROM yesterday.captured_table c WHERE c.deployment = deployment
        LOOP
            IF in_transaction AND NOT has_ddl AND yesterday._digest_by_change(captured.id) THEN
                by_change := captured.id || by_change;
                digest := 'taken after the rehearsal';
            ELSIF in_transaction THEN
                digest := yesterday._digest(captured.id, true);
            ELSE
                SELECT e.digest, keys_beside + e.beside, CASE WHEN e.beside > 0 THEN captured.id || written_beside ELSE written_beside END
                INTO digest, keys_beside, written_beside
                FROM yesterday._digest_expected(captured.id) e;
            END IF;
            IF digest IS NULL THEN
                left_out := left_out + 1;
            ELSE
                digests := digests || jsonb_build_object(captured.id, digest);
            END IF;
        END LOOP;
    END IF;
    BEGIN
        SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]'),
               coalesce(sum(r.rows) FILTER (WHERE r.outcome IN ('restored', 'removed')), 0),
               count(*) FILTER (WHERE r.outcome NOT IN ('restored', 'removed') AND r.rows IS NULL)
        INTO report, rolled_rows, objects
        FROM yesterday._roll_back(deployment, 0) r;
        FOR captured IN
            SELECT c.id, c.schema_name, c.table_name, c.business FROM yesterday.captured_table c
            WHERE c.deployment = deployment AND digests ? c.id::text ORDER BY c.schema_name, c.table_name
        LOOP
            IF captured.id = ANY (by_change) THEN
                SELECT c.before, c.now INTO expected, digest FROM yesterday._digest_changed(captured.id) c;
            ELSE
                expected := digests->>captured.id::text;
                digest := yesterday._digest(captured.id, false);
            END IF;
            IF digest IS DISTINCT FROM expected AND accepted THEN
                residue := residue || jsonb_build_object(
                    'subject', format('%I.%I', captured.schema_name, captured.table_name), 'outcome', 'residue',
                    'rows', NULL, 'detail', 'a rollback will not bring back all of its rows');
            ELSIF digest IS DISTINCT FROM expected AND captured.business AND NOT in_transaction THEN
                -- nobody notes who wrote it meanwhile; its touched rows were read back one by one
                left_out := left_out + 1;
            ELSIF digest IS DISTINCT FROM expected AND EXISTS (
                SELECT FROM jsonb_array_elements(report) r
                WHERE r->>'subject' = format('%I.%I', captured.schema_name, captured.table_name)
                  AND r->>'outcome' = 'held back')
            THEN
                -- business rows refer to what the deployment made: said, row by row, not refused
                left_out := left_out + 1;
                held_back := held_back + 1;
            ELSIF digest IS DISTINCT FROM expected AND captured.id = ANY (written_beside) AND EXISTS (
                SELECT FROM jsonb_array_elements(report) r
                WHERE r->>'subject' = format('%I.%I', captured.schema_name, captured.table_name)
                  AND r->>'outcome' IN ('displaced', 'unplaceable', 'orphaned', 'missing', 'changed since'))
            THEN
                -- what others wrote stands in the way of what was: said, row by row
                left_out := left_out + 1;
            ELSIF digest IS DISTINCT FROM expected THEN
                RAISE EXCEPTION 'the rollback of deployment % would not bring back table "%.%" exactly',
                    deployment, captured.schema_name, captured.table_name
                    USING ERRCODE = 'YD015',
                          DETAIL = format('Digest of its rows before the deployment: %s; after the rehearsed rollback: %s. %s',
                                          expected, digest,
                                          (SELECT string_agg(format('%s %s: %s', r.subject, r.outcome, r.detail), '; ')
                                           FROM yesterday._report_rows(report) r
                                           WHERE r.outcome NOT IN ('restored', 'removed', 'unchanged'))),
                          HINT = 'The deployment does not count. Take the change out of it that the detail names, and run it again.';
            END IF;
        END LOOP;
        FOR step IN SELECT * FROM yesterday._report_rows(report) r WHERE r.outcome = 'dangling' LOOP
            IF NOT accepted THEN
                RAISE EXCEPTION 'the rollback of deployment % would leave rows of % that name nothing', deployment, step.subject
                    USING ERRCODE = 'YD016',
                          DETAIL = format('%s rows: %s', step.rows, step.detail),
                          HINT = 'Hold names instead of OIDs there, leave the change out of the deployment, or accept it as irreversible: begin_deployment(accept_irreversible => true). The report of the rollback has the command that mends the rows.';
            END IF;
            residue := residue || (to_jsonb(step) || '{"outcome": "residue"}');
        END LOOP;
        FOR step IN SELECT * FROM yesterday._report_rows(report) r WHERE r.outcome = 'recomputed' LOOP
            IF NOT accepted THEN
                RAISE EXCEPTION 'the rollback of deployment % would compute values of table % anew, and otherwise', deployment, step.subject
                    USING ERRCODE = 'YD015',
                          DETAIL = format('%s rows: %s. A generated column of theirs had values that its expression gave once: a function in it has another body by now.',
                                          step.rows, step.detail),
                          HINT = 'Have the values computed anew before the deployment (UPDATE ... SET, or a change of the column), or accept it as irreversible: begin_deployment(accept_irreversible => true).';
            END IF;
            residue := residue || (to_jsonb(step) || '{"outcome": "residue"}');
        END LOOP;
        IF has_ddl THEN
            FOR wrong IN SELECT * FROM yesterday._compare_images(deployment)
            LOOP
                IF accepted OR (wrong.kind, wrong.identity) IN (SELECT u.kind, u.identity FROM yesterday._unexplained_differences(deployment) u) THEN
                    residue := residue || jsonb_build_object(
                        'subject', format('%s %s', wrong.kind, wrong.identity), 'outcome', 'residue', 'rows', NULL,
                        'detail', format('%s before the deployment: %s; after a rollback: %s', wrong.property,
                                         coalesce(wrong.before, '(absent)'), coalesce(wrong.now, '(absent)')));
                    CONTINUE;
                END IF;
                RAISE EXCEPTION 'the rollback of deployment % would not bring back % "%" exactly',
                    deployment, wrong.kind, wrong.identity
                    USING ERRCODE = 'YD015',
                          DETAIL = format('%s before the deployment: %s; after the rehearsed rollback: %s.%s',
                                          wrong.property, coalesce(wrong.before, '(absent)'), coalesce(wrong.now, '(absent)'),
                                          -- rows that are there already can be why
                                          (SELECT string_agg(format(' %s held back: %s.', r.subject, r.detail), '')
                                           FROM yesterday._report_rows(report) r WHERE r.outcome = 'held back')),
                          HINT = 'The deployment does not count. Take the change out of it, or accept it as irreversible: begin_deployment(accept_irreversible => true).';
            END LOOP;
        END IF;
        differing := yesterday._compare_rows(business);
        figures := jsonb_build_object(
            'rows', rolled_rows, 'objects', objects,
            'milliseconds', round(extract(epoch FROM clock_timestamp() - started) * 1000),
            'wal_bytes', pg_current_wal_insert_lsn() - wal_before,
            'tables_compared', (SELECT count(*) FROM jsonb_object_keys(digests)),
            'tables_left_out', left_out,
            'tables_held_back', held_back,
            'rows_beside', keys_beside,
            'business_tables', (SELECT count(DISTINCT b -> 'relid') FROM jsonb_array_elements(business) b),
            'business_rows', (SELECT coalesce(sum(coalesce(b ->> 'rows_now', b ->> 'rows')::bigint), 0)
                              FROM (SELECT DISTINCT ON (i -> 'relid') i AS b FROM jsonb_array_elements(business) i ORDER BY i -> 'relid', i -> 'id') x),
            'residue', residue,
            'report', report,
            -- on a train: what other targets are compared by
            'displaced', CASE WHEN (SELECT s.registry FROM yesterday._setting() s) IS NOT NULL THEN yesterday._displaced(deployment) END);
        RAISE EXCEPTION 'the rehearsal is undone'
            USING ERRCODE = 'YDUND', DETAIL = 'Internal to the proof.', HINT = 'None.';
    EXCEPTION WHEN SQLSTATE 'YDUND' THEN
        -- not a code that ends in 000: that would mean the whole class, real errors included
        NULL;   -- the subtransaction is undone; what it found is in figures
    END;
    IF level = 'full' THEN
        PERFORM yesterday._digest_end();
        FOR lost IN SELECT * FROM yesterday._judge_rows(differing, figures -> 'report') LOOP
            business_left_out := business_left_out + lost.left_out;
            CONTINUE WHEN lost.detail IS NULL;
            IF NOT accepted THEN
                RAISE EXCEPTION 'the rollback of deployment % would not bring back table "%.%" exactly', deployment, lost.schema_name, lost.table_name
                    USING ERRCODE = 'YD015', DETAIL = lost.detail,
                          HINT = 'The deployment does not count. Take the change out of it that took these rows or values, or accept it as irreversible: begin_deployment(accept_irreversible => true).';
            END IF;
            residue := residue || jsonb_build_object('subject', format('%I.%I', lost.schema_name, lost.table_name), 'outcome', 'residue',
                                                     'rows', NULL, 'detail', 'a rollback will not bring it back exactly. ' || lost.detail);
        END LOOP;
        figures := figures || jsonb_build_object('business_rows_left_out', business_left_out, 'residue', residue);
    END IF;
    RETURN figures;
END
$function$;
COMMENT ON FUNCTION yesterday._prove(bigint, text) IS 'rehearses the rollback, compares, undoes the rehearsal; returns figures';
REVOKE ALL ON FUNCTION yesterday._prove(bigint, text) FROM PUBLIC;

