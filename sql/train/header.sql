-- Install script of the extension "yesterday_train", put together by extension/Makefile.
\echo Use "CREATE EXTENSION yesterday_train" to load this file. \quit

-- Nothing that somebody put into a schema of the caller's can stand in for what is meant.
SET LOCAL search_path = pg_catalog, pg_temp;

