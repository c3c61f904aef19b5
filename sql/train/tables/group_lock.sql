-- Who took the lock of a group last. The lock itself is an advisory lock of the session, so that
-- nothing is left of a controller that crashed; this says since when it is held.
CREATE TABLE train.group_lock (
    group_id      bigint      NOT NULL,
    pid           integer     NOT NULL,
    backend_start timestamptz NOT NULL,
    locked_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT group_lock_pkey PRIMARY KEY (group_id)
);
COMMENT ON TABLE train.group_lock IS 'since when the locks of groups are held; means nothing after a restart';

