-- seed rows-hostile, round 10, PostgreSQL 15
-- others: business
-- @setup
CREATE SCHEMA meta
-- @setup
CREATE SCHEMA "Sch ""ema"
-- @setup
CREATE TABLE meta."TABLE" (
    "new
line" text NOT NULL,
    UNIQUE ("new
line")
)
-- @setup
CREATE TABLE "Sch ""ema"."select" (
    "{}" double precision,
    "1" text,
    FOREIGN KEY ("1") REFERENCES meta."TABLE" ("new
line") ON DELETE SET DEFAULT
)
-- @setup
INSERT INTO "Sch ""ema"."select" ("{}", "1")
VALUES (NULL, NULL)
-- @setup
CREATE TABLE meta.log (
    what text
)
-- @setup
CREATE FUNCTION meta.fn12() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO meta.log (what) VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END $$
-- @setup
CREATE TRIGGER trg13 AFTER INSERT OR UPDATE OR DELETE ON "Sch ""ema"."select" FOR EACH ROW EXECUTE FUNCTION meta.fn12()
-- @track
SELECT yesterday.track('meta.log')
-- @x
INSERT INTO "Sch ""ema"."select" ("{}", "1")
VALUES ('-0', NULL)
-- @x
INSERT INTO "Sch ""ema"."select" ("{}", "1")
VALUES ('NaN', NULL),
    (0, NULL),
    ('-0', NULL)
-- @begin open
-- @a
ALTER TABLE meta.log ADD COLUMN col15 numrange
-- @a
ALTER TABLE meta.log ALTER COLUMN col15 SET DEFAULT '(1.5,2.50)'
-- @x
UPDATE "Sch ""ema"."select" r SET "{}" = 0 WHERE (r.tableoid, r.ctid) IN (SELECT s.tableoid, s.ctid FROM "Sch ""ema"."select" s ORDER BY s::text COLLATE "C" LIMIT 3 OFFSET 4)
