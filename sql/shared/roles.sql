-- The roles of both extensions: who may roll back a target may be the one who answers for its group.
-- Roles are shared by all databases of a server, so they may exist already. The lock, which is
-- shared too, makes two installations at once wait for each other; logins go on.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
DO $roles$
DECLARE
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['yesterday_viewer', 'yesterday_deployer',
                                  'yesterday_operator', 'yesterday_admin']::name[]
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$roles$;

-- An admin may do what an operator and a deployer may; everybody of the four may look.
GRANT yesterday_viewer TO yesterday_deployer, yesterday_operator, yesterday_admin;
GRANT yesterday_deployer, yesterday_operator TO yesterday_admin;

