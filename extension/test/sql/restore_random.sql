-- Random deployments, random newcomers, random business rows. Whatever happens, after the
-- rollback no reference dangles, no business row has changed, what differs from before is
-- named or was touched by others, no version is lost, and the preview foresaw all of it.
\i test/include/exact.sql
CREATE TABLE app.node (id int PRIMARY KEY, code text UNIQUE, pos int CONSTRAINT node_pos UNIQUE DEFERRABLE, parent int REFERENCES app.node ON DELETE SET NULL, v int);
CREATE TABLE app.part (node int REFERENCES app.node ON DELETE CASCADE, name text, other text REFERENCES app.node (code) ON UPDATE CASCADE ON DELETE SET NULL, v int, PRIMARY KEY (node, name)) PARTITION BY HASH (node);
CREATE TABLE app.part_0 PARTITION OF app.part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE app.note (node int REFERENCES app.node (id) ON DELETE CASCADE, t text);
CREATE TABLE app.business (id serial PRIMARY KEY, node int REFERENCES app.node, code text REFERENCES app.node (code), p int, n text, FOREIGN KEY (p, n) REFERENCES app.part (node, name));
SELECT yesterday.track('app.node'), yesterday.track('app.part'), yesterday.track('app.note');

CREATE FUNCTION app.pick(a int) RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT 1 + floor(random() * a)::int $$;

-- one random write; errors of constraints are nobody's business
CREATE FUNCTION app.scribble(who int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    -- every other round in little room, where more things collide
    n int := app.pick(CASE who / 10 % 2 WHEN 0 THEN 40 ELSE 12 END);
    m int := app.pick(CASE who / 10 % 2 WHEN 0 THEN 40 ELSE 12 END);
BEGIN
    CASE app.pick(12)
        WHEN 1 THEN INSERT INTO app.node VALUES (n, 'c' || m, app.pick(CASE who / 10 % 2 WHEN 0 THEN 60 ELSE 15 END), NULL, who);
        WHEN 2 THEN INSERT INTO app.node VALUES (n, 'c' || n, n, (SELECT id FROM app.node ORDER BY random() LIMIT 1), who);
        WHEN 3 THEN UPDATE app.node SET v = who WHERE id BETWEEN n AND n + 3;
        WHEN 4 THEN UPDATE app.node SET code = 'c' || m WHERE id = n;
        WHEN 5 THEN UPDATE app.node SET parent = (SELECT id FROM app.node WHERE id <> n ORDER BY random() LIMIT 1) WHERE id = n;
        WHEN 6 THEN DELETE FROM app.node WHERE id = n;
        WHEN 7 THEN INSERT INTO app.part VALUES (n, 'n' || app.pick(3), (SELECT code FROM app.node ORDER BY random() LIMIT 1), who);
        WHEN 8 THEN DELETE FROM app.part WHERE node = n;
        WHEN 9 THEN UPDATE app.part SET node = m, v = who WHERE node = n;
        WHEN 10 THEN UPDATE app.node SET id = m WHERE id = n;
        WHEN 11 THEN UPDATE app.node a SET pos = b.pos FROM app.node b WHERE (a.id, b.id) IN ((n, m), (m, n));
        WHEN 12 THEN INSERT INTO app.note VALUES (n, 't' || app.pick(2)); DELETE FROM app.note WHERE node = m;
    END CASE;
EXCEPTION WHEN integrity_constraint_violation THEN
    NULL;
END
$$;
CREATE FUNCTION app.do_business() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CASE app.pick(3)
        WHEN 1 THEN INSERT INTO app.business (node) SELECT id FROM app.node ORDER BY random() LIMIT 1;
        WHEN 2 THEN INSERT INTO app.business (code) SELECT code FROM app.node ORDER BY random() LIMIT 1;
        WHEN 3 THEN INSERT INTO app.business (p, n) SELECT node, name FROM app.part ORDER BY random() LIMIT 1;
    END CASE;
END
$$;

-- rows of before, keyed; what others did since is told apart by v
CREATE TABLE app.before (t text, k text, line text);
CREATE VIEW app.now AS
    SELECT 'node' AS t, id::text AS k, node::text AS line FROM app.node
    UNION ALL SELECT 'part', '(' || node || ', ' || name || ')', part::text FROM app.part;
CREATE TABLE app.wrong (round int, what text, detail text);

CREATE PROCEDURE app.round(round int) LANGUAGE plpgsql AS $$
DECLARE
    dangling text;
    lost text;
BEGIN
    PERFORM setseed(round / 1000.0);
    PERFORM yesterday.clear_freeze('test') FROM yesterday.status WHERE state = 'off_train';
    TRUNCATE app.before;
    INSERT INTO app.before SELECT * FROM app.now;
    COMMIT;
    PERFORM yesterday.begin_deployment('round ' || round);
    FOR i IN 1..app.pick(40) LOOP
        PERFORM app.scribble(round * 10);
    END LOOP;
    PERFORM yesterday.finish_deployment();
    COMMIT;
    CREATE TABLE app.theirs AS SELECT * FROM app.now;
    FOR i IN 1..app.pick(30) - 1 LOOP
        IF app.pick(3) = 1 THEN
            PERFORM app.do_business();
        ELSE
            PERFORM app.scribble(round * 10 + 1);
        END IF;
    END LOOP;
    CREATE TABLE app.business_before AS TABLE app.business;
    CREATE TABLE app.last AS SELECT * FROM app.now;
    COMMIT;
    CREATE TABLE app.foreseen AS SELECT * FROM rollback_preview() OFFSET 1;
    COMMIT;
    CREATE TABLE app.report AS SELECT * FROM rollback_last() OFFSET 1;
    COMMIT;
    INSERT INTO app.wrong SELECT round, 'business changed', x::text
        FROM (TABLE app.business_before EXCEPT TABLE app.business) x;
    SELECT string_agg(x, ', ') INTO dangling FROM (
        SELECT 'node ' || id AS x FROM app.node c WHERE parent IS NOT NULL AND NOT EXISTS (SELECT FROM app.node p WHERE p.id = c.parent)
        UNION ALL SELECT 'part ' || node || name FROM app.part c WHERE NOT EXISTS (SELECT FROM app.node p WHERE p.id = c.node)
            OR (other IS NOT NULL AND NOT EXISTS (SELECT FROM app.node p WHERE p.code = c.other))
        UNION ALL SELECT 'note ' || node FROM app.note c WHERE NOT EXISTS (SELECT FROM app.node p WHERE p.id = c.node)
        UNION ALL SELECT 'business ' || id FROM app.business c WHERE (node IS NOT NULL AND NOT EXISTS (SELECT FROM app.node p WHERE p.id = c.node))
            OR (code IS NOT NULL AND NOT EXISTS (SELECT FROM app.node p WHERE p.code = c.code))
            OR (p IS NOT NULL AND NOT EXISTS (SELECT FROM app.part x WHERE (x.node, x.name) = (c.p, c.n)))
        UNION ALL SELECT 'twice ' || code FROM app.node GROUP BY code HAVING count(*) > 1
        UNION ALL SELECT 'twice ' || pos FROM app.node GROUP BY pos HAVING count(*) > 1) d;
    INSERT INTO app.wrong SELECT round, 'dangling', dangling WHERE dangling IS NOT NULL;
    -- a row that is not as before was left alone by the deployment, or is an exception
    INSERT INTO app.wrong
        SELECT round, 'not as before', format('%s %s: %s', b.t, b.k, b.line)
        FROM app.before b LEFT JOIN app.now n USING (t, k)
        LEFT JOIN app.theirs d USING (t, k)
        WHERE n.line IS DISTINCT FROM b.line AND d.line IS DISTINCT FROM b.line
          AND NOT EXISTS (SELECT FROM yesterday.attic_row a WHERE a.rollback = (SELECT max(id) FROM yesterday.rollback)
                          AND a.kind IN ('unplaceable', 'orphaned') AND left(a.table_name, 4) = b.t
                          AND CASE b.t WHEN 'node' THEN a.row_key->>'id'
                                       ELSE '(' || (a.row_key->>'node') || ', ' || (a.row_key->>'name') || ')' END = b.k);
    -- a version that is gone is what the deployment wrote, or in the attic
    INSERT INTO app.wrong
        SELECT round, 'lost', format('%s %s: %s', l.t, l.k, l.line)
        FROM app.last l LEFT JOIN app.now n USING (t, k) LEFT JOIN app.theirs d USING (t, k)
        WHERE n.line IS DISTINCT FROM l.line AND d.line IS DISTINCT FROM l.line
          AND NOT EXISTS (SELECT FROM yesterday.attic_row a WHERE a.rollback = (SELECT max(id) FROM yesterday.rollback)
                          AND a.kind IN ('changed', 'displaced') AND left(a.table_name, 4) = l.t
                          AND CASE l.t WHEN 'node' THEN a.row_key->>'id'
                                       ELSE '(' || (a.row_key->>'node') || ', ' || (a.row_key->>'name') || ')' END = l.k);
    DROP TABLE app.theirs, app.last, app.business_before;
    INSERT INTO app.outcomes SELECT round, r.outcome, r.rows, f.rows
        FROM app.report r FULL JOIN app.foreseen f USING (subject, outcome);
    DROP TABLE app.report, app.foreseen;
    COMMIT;
END
$$;
CREATE TABLE app.outcomes (round int, outcome text, happened bigint, foreseen bigint);
INSERT INTO app.node SELECT i, 'c' || i, i, nullif(i / 2, 0), 0 FROM generate_series(1, 20) i;
INSERT INTO app.part SELECT i, 'n1', 'c' || i, 0 FROM generate_series(1, 15) i;
DO $$
BEGIN
    FOR i IN 1..60 LOOP
        CALL app.round(i);
    END LOOP;
END
$$;
SELECT * FROM app.wrong;
SELECT * FROM app.outcomes WHERE happened IS DISTINCT FROM foreseen;
-- every kind of exception came up
SELECT outcome, count(*) > 0 AS came_up FROM app.outcomes WHERE happened > 0 GROUP BY 1 ORDER BY 1;
