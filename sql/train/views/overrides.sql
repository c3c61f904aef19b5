-- Freezes that do not count for a while, newest first.
CREATE VIEW train.overrides WITH (security_barrier) AS
SELECT o.id, o.freeze_id, t.name AS target, o.reason, o.expires_at, o.expires_at > now() AS active,
       o.made_at, o.made_by, o.made_role
FROM train.freeze_override o LEFT JOIN train.target t ON t.id = o.target_id
ORDER BY o.id DESC;
COMMENT ON VIEW train.overrides IS 'freezes that do not count for a while, for one target or (null) for all, and why';
GRANT SELECT ON train.overrides TO yesterday_viewer;

