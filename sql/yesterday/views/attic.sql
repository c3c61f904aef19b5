-- What rollbacks displaced and keep. Rows of a table show only to who may see its rows.
CREATE VIEW yesterday.attic WITH (security_barrier) AS
SELECT a.id, a.rollback, a.deployment, d.name AS deployment_name, a.schema_name, a.table_name,
       a.kind, a.row_key, a.row_data, a.detail, a.kept_at
FROM yesterday.attic_row a JOIN yesterday.deployment d ON d.id = a.deployment
WHERE yesterday._may_see_rows(a.schema_name, a.table_name, a.owner)
ORDER BY a.id;
COMMENT ON VIEW yesterday.attic IS 'what rollbacks had to displace, or could not place, and keep';
GRANT SELECT ON yesterday.attic TO yesterday_viewer;

