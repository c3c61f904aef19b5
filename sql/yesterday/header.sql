-- Install script of the extension "yesterday", put together by extension/Makefile.
\echo Use "CREATE EXTENSION yesterday" to load this file. \quit

