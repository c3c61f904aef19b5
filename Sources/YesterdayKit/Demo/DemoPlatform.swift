/// The platform of the demonstration: the same text as examples/approval-limits/platform.sql,
/// carried along because the program also runs without its sources. A test compares the two.
enum DemoPlatform {
    /// Roles, schemas, metadata of three layers, and one business table.
    static let sql = #"""
        -- A small metadata-driven platform. Three authors share one database: the platform's vendor,
        -- the vendor of the applications on it, and the partner who runs it. What they write are rows,
        -- and the rows decide what the business may do.

        CREATE ROLE vendor_platform NOLOGIN;
        CREATE ROLE vendor_apps NOLOGIN;
        CREATE ROLE partner NOLOGIN;
        CREATE ROLE clerk LOGIN;
        CREATE ROLE pipeline LOGIN IN ROLE vendor_apps;
        CREATE ROLE night_shift LOGIN;
        CREATE ROLE lead_engineer LOGIN;

        CREATE SCHEMA platform AUTHORIZATION vendor_platform;
        CREATE SCHEMA apps AUTHORIZATION vendor_apps;
        CREATE SCHEMA partner AUTHORIZATION partner;
        CREATE SCHEMA business;

        -- Layer "platform": what screens and workflows can be made of.
        SET ROLE vendor_platform;
        CREATE TABLE platform.widget (
            code text CONSTRAINT widget_pkey PRIMARY KEY,
            title text NOT NULL,
            options jsonb NOT NULL DEFAULT '{}'
        );
        INSERT INTO platform.widget VALUES
            ('text', 'Line of text', '{"max": 200}'), ('money', 'Amount with currency', '{"decimals": 2}'),
            ('choice', 'Choice from a list', '{}'), ('button', 'Button', '{"confirm": false}');

        CREATE TABLE platform.step_kind (
            code text CONSTRAINT step_kind_pkey PRIMARY KEY,
            waits_for_person boolean NOT NULL
        );
        INSERT INTO platform.step_kind VALUES ('form', true), ('check', false), ('approval', true), ('booking', false);
        GRANT USAGE ON SCHEMA platform TO PUBLIC;
        GRANT SELECT, REFERENCES ON ALL TABLES IN SCHEMA platform TO PUBLIC;

        -- Layer "apps": the application itself.
        SET ROLE vendor_apps;
        CREATE TABLE apps.rule (
            code text CONSTRAINT rule_pkey PRIMARY KEY,
            title text NOT NULL,
            limit_amount numeric(12, 2) NOT NULL CONSTRAINT rule_limit_check CHECK (limit_amount >= 0),
            approver text NOT NULL
        );
        INSERT INTO apps.rule VALUES
            ('order-limit', 'Orders up to this amount need no approval', 1000.00, 'manager'),
            ('travel-limit', 'Journeys up to this amount need no approval', 500.00, 'manager'),
            ('gift-limit', 'Gifts up to this amount need no approval', 50.00, 'compliance');

        CREATE TABLE apps.workflow (
            code text CONSTRAINT workflow_pkey PRIMARY KEY,
            title text NOT NULL,
            version integer NOT NULL,
            definition jsonb NOT NULL
        );
        INSERT INTO apps.workflow VALUES
            ('order', 'Order goods', 4, '{"steps": ["enter", "check order-limit", "approve", "book"]}'),
            ('travel', 'Plan a journey', 2, '{"steps": ["enter", "check travel-limit", "approve", "book"]}');

        CREATE TABLE apps.screen (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT screen_pkey PRIMARY KEY,
            code text NOT NULL CONSTRAINT screen_code_key UNIQUE,
            workflow text NOT NULL CONSTRAINT screen_workflow_fkey REFERENCES apps.workflow (code),
            layout jsonb NOT NULL
        );
        INSERT INTO apps.screen (code, workflow, layout) VALUES
            ('order-entry', 'order', '{"fields": [{"name": "supplier", "widget": "choice"}, {"name": "amount", "widget": "money"}]}'),
            ('order-approval', 'order', '{"fields": [{"name": "amount", "widget": "money"}, {"name": "approve", "widget": "button"}]}'),
            ('order-approval-phone', 'order', '{"fields": [{"name": "approve", "widget": "button"}]}'),
            ('travel-entry', 'travel', '{"fields": [{"name": "destination", "widget": "text"}]}');

        CREATE TABLE apps.lookup_value (
            list text NOT NULL,
            code text NOT NULL,
            label text NOT NULL,
            CONSTRAINT lookup_value_pkey PRIMARY KEY (list, code)
        );
        INSERT INTO apps.lookup_value VALUES
            ('spending-category', 'it', 'Computers'), ('spending-category', 'office', 'Office supplies'),
            ('spending-category', 'travel', 'Travel'), ('priority', 'high', 'High'), ('priority', 'low', 'Low');

        CREATE TABLE apps.language (
            code char(3) CONSTRAINT language_pkey PRIMARY KEY,
            name text NOT NULL,
            kind char(1) NOT NULL
        );
        CREATE TABLE apps.country (
            code char(2) CONSTRAINT country_pkey PRIMARY KEY,
            name text NOT NULL,
            official_name text
        );
        GRANT USAGE ON SCHEMA apps TO PUBLIC;
        GRANT SELECT, REFERENCES ON ALL TABLES IN SCHEMA apps TO PUBLIC;

        -- Layer "partner": what this customer does differently.
        SET ROLE partner;
        CREATE TABLE partner.rule_override (
            rule text CONSTRAINT rule_override_rule_fkey REFERENCES apps.rule (code),
            country char(2),
            limit_amount numeric(12, 2) NOT NULL,
            CONSTRAINT rule_override_pkey PRIMARY KEY (rule, country)
        );
        INSERT INTO partner.rule_override VALUES ('order-limit', 'CH', 2000.00), ('order-limit', 'JP', 1500.00);
        GRANT USAGE ON SCHEMA partner TO PUBLIC;
        GRANT SELECT ON ALL TABLES IN SCHEMA partner TO PUBLIC;
        RESET ROLE;

        -- Business: not metadata, never rolled back.
        CREATE TABLE business.purchase_order (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT purchase_order_pkey PRIMARY KEY,
            ordered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            country char(2) NOT NULL,
            amount numeric(12, 2) NOT NULL,
            rule text NOT NULL CONSTRAINT purchase_order_rule_fkey REFERENCES apps.rule (code),
            decision text NOT NULL
        );
        CREATE FUNCTION business.place_order(amount numeric, country text) RETURNS SETOF business.purchase_order
        LANGUAGE sql AS $$
            INSERT INTO business.purchase_order (country, amount, rule, decision)
            SELECT $2, $1, r.code,
                   CASE WHEN $1 <= COALESCE(o.limit_amount, r.limit_amount) THEN 'approved'
                        ELSE 'waits for ' || r.approver END
            FROM apps.rule AS r
            LEFT JOIN partner.rule_override AS o ON o.rule = r.code AND o.country = $2
            WHERE r.code = 'order-limit'
            RETURNING *
        $$;
        GRANT USAGE ON SCHEMA business TO PUBLIC;
        GRANT SELECT ON business.purchase_order TO PUBLIC;
        GRANT INSERT ON business.purchase_order TO clerk;

        """#
}
