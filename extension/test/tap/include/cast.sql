-- The cast of the privilege tests: one role a part, made anew for every file, because roles
-- outlive the database. "mallory" is hostile: owns objects, holds no role of Yesterday's.
\set QUIET on
\setenv PGOPTIONS '-c client_min_messages=warning'
\set VERBOSITY terse
SET client_min_messages = warning;
DO $$
DECLARE
    part name;
BEGIN
    FOREACH part IN ARRAY ARRAY['mallory', 'builder', 'esc_viewer', 'esc_deployer', 'esc_operator',
                                'esc_admin', 'esc_business', 'esc_tool']::name[]
    LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = part) THEN
            EXECUTE format('DROP OWNED BY %I', part);
            EXECUTE format('DROP ROLE %I', part);
        END IF;
        EXECUTE format('CREATE ROLE %I LOGIN', part);
    END LOOP;
END
$$;
GRANT yesterday_viewer TO esc_viewer;
GRANT yesterday_deployer TO esc_deployer;
GRANT yesterday_operator TO esc_operator;
GRANT yesterday_admin TO esc_admin;
SELECT current_user AS owner \gset
