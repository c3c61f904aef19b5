-- Every kind of relation, and of what belongs to one.
CREATE SCHEMA sch;
CREATE SCHEMA elsewhere;
GRANT USAGE, CREATE ON SCHEMA public, sch, elsewhere TO ddl_alice, ddl_bob;
CREATE SEQUENCE seq START 5 INCREMENT 2 CYCLE MAXVALUE 1000;
SELECT nextval('seq');
CREATE FUNCTION trf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TABLE other (id int CONSTRAINT other_key PRIMARY KEY, note text);
INSERT INTO other VALUES (1, 'one'), (2, 'two');
CREATE TABLE tab (
    id int CONSTRAINT tab_key PRIMARY KEY,
    other_id int CONSTRAINT tab_ref REFERENCES other DEFERRABLE,
    name text DEFAULT 'x',
    number int,
    span int4range,
    CONSTRAINT tab_unique UNIQUE (name, number),
    CONSTRAINT tab_check CHECK (number > 0),
    CONSTRAINT tab_exclude EXCLUDE USING gist (span WITH &&));
INSERT INTO tab VALUES (1, 1, 'a', 10, '[1,2)'), (2, 2, 'b', 20, '[5,9)');
CREATE INDEX ind ON tab (lower(name)) WHERE number > 1;
CREATE TRIGGER trg BEFORE INSERT OR UPDATE ON tab FOR EACH ROW EXECUTE FUNCTION trf();
CREATE RULE rul AS ON DELETE TO other DO ALSO NOTIFY gone;
CREATE POLICY pol ON tab FOR SELECT TO ddl_bob USING (number > 5);
CREATE STATISTICS stat (dependencies) ON name, number FROM tab;
CREATE VIEW view AS SELECT id, name FROM tab;
CREATE MATERIALIZED VIEW matview AS SELECT id, name FROM tab;
CREATE TABLE parted (id int, region text, CONSTRAINT parted_key PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE part PARTITION OF parted FOR VALUES IN ('a', 'b');
CREATE TABLE rest PARTITION OF parted DEFAULT PARTITION BY RANGE (id);
CREATE TABLE rest_low PARTITION OF rest FOR VALUES FROM (0) TO (100);
INSERT INTO parted VALUES (1, 'a'), (2, 'z');
