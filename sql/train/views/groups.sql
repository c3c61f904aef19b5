-- Groups, with the length of their trains.
CREATE VIEW train.groups WITH (security_barrier) AS
SELECT g.name AS group_name, g.partner_layers, g.note,
       (SELECT count(*) FROM train.target t WHERE t.group_id = g.id AND t.removed_at IS NULL) AS targets,
       (SELECT coalesce(max(p.ordinal), 0) FROM train.patch p WHERE p.group_id = g.id) AS latest,
       g.created_at, g.created_by
FROM train.target_group g
ORDER BY g.name;
COMMENT ON VIEW train.groups IS 'groups of targets';
GRANT SELECT ON train.groups TO yesterday_viewer;

