-- Roles outlive the database.
SET client_min_messages = warning;
RESET ROLE;
DROP OWNED BY mallory, builder, esc_viewer, esc_deployer, esc_operator, esc_admin, esc_business, esc_tool CASCADE;
DROP ROLE mallory, builder, esc_viewer, esc_deployer, esc_operator, esc_admin, esc_business, esc_tool;
