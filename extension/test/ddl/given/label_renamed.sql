-- A label renamed, and rows written before and after.
UPDATE t SET v = 'before' WHERE s = 'b';
DELETE FROM w WHERE ctid = (SELECT min(ctid) FROM w);
INSERT INTO u VALUES ('a', '{}', 4, '{a}');
ALTER TYPE st RENAME VALUE 'a' TO 'x';
UPDATE t SET v = 'after' WHERE s = 'x';
UPDATE u SET n = n + 10;
UPDATE u SET also = '{x,x}';
DELETE FROM w WHERE s = 'x';
INSERT INTO w VALUES ('x', '{x,c}', 'new'), ('b', NULL, 'y'), ('x', '{x}', 'x');
DELETE FROM u WHERE n = 13;
DELETE FROM t WHERE s = 'b';
INSERT INTO u VALUES ('x', '{x,x}', 5, NULL), ('c', '{{x},{c}}', 3, NULL);
