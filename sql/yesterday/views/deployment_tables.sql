-- Which tables a deployment changed, under their names of before, and how many rows a
-- rollback restores and removes. Counts only: rows are shown by diff() and prior().
CREATE VIEW yesterday.deployment_tables WITH (security_barrier) AS
SELECT c.deployment, c.schema_name, c.table_name, c.key_kind, c.key_columns, c.rows_prior, c.rows_inserted
FROM yesterday.captured_table c
ORDER BY c.deployment, c.schema_name, c.table_name;
COMMENT ON VIEW yesterday.deployment_tables IS 'tables that a deployment changed, with the rows that a rollback restores and removes';
GRANT SELECT ON yesterday.deployment_tables TO yesterday_viewer;

