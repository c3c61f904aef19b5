-- Labels that change places, and rows written under each name.
ALTER TYPE st RENAME VALUE 'a' TO 'between';
INSERT INTO w VALUES ('between', '{between}', 'm');
ALTER TYPE st RENAME VALUE 'b' TO 'a';
ALTER TYPE st RENAME VALUE 'between' TO 'b';
UPDATE t SET v = 'swapped a' WHERE s = 'a';
UPDATE t SET v = 'swapped b' WHERE s = 'b';
DELETE FROM u WHERE d::st = 'b';
INSERT INTO u VALUES ('b', '{b,a}', 1, '{b}');
DELETE FROM w WHERE s = 'a';
UPDATE w SET v = 'changed' WHERE s = 'b';
INSERT INTO w VALUES ('a', '{a}', 'x'), ('b', '{b}', 'x');
