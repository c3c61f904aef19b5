-- Tracked tables whose rows labels tell apart: by themselves, of a domain, in arrays, and without a key.
CREATE TYPE st AS ENUM ('a', 'b', 'c', 'needs "quotes", too');
CREATE DOMAIN dst AS st;
CREATE TABLE t (s st PRIMARY KEY, v text, also st, p text);
CREATE TABLE u (d dst, ss st[], n int, also dst[], PRIMARY KEY (d, ss, n));
CREATE TABLE w (s st, ss st[], v text);
CREATE TABLE child (id int PRIMARY KEY, s st REFERENCES t);
INSERT INTO t VALUES ('a', 'one', 'b', 'x'), ('b', 'two', 'a', NULL), ('c', 'three', 'c', 'z');
INSERT INTO u VALUES ('a', '{a,b}', 1, '{a}'), ('b', '{"needs \"quotes\", too",NULL}', 2, NULL), ('c', '{{a},{c}}', 3, '{b,c}');
INSERT INTO w VALUES ('a', '{a}', 'x'), ('a', '{a}', 'x'), ('b', NULL, 'y'), (NULL, '{c,a}', 'z');
INSERT INTO child VALUES (1, 'c');
SELECT yesterday.track('t'), yesterday.track('u'), yesterday.track('w');
