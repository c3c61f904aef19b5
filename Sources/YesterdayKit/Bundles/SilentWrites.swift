import PostgresClient

/// Rows that are written without a trigger firing, as `triggers: silent` asks for: what a rollback
/// brings back, nobody may stamp or cascade. Capture goes on, its triggers fire always.
///
/// Foreign keys and deferrable constraints are triggers, too, so they are checked afterwards.
enum SilentWrites {
    /// From here on triggers keep silent.
    ///
    /// - Throws: ``YesterdayError`` if the role may not do that.
    static func begin(_ session: PostgresSession) throws {
        do {
            try session.execute("SET LOCAL session_replication_role = 'replica'")
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw YesterdayError(
                .notPermitted, "the role may not keep triggers silent, as \"triggers: silent\" in bundle.yaml asks for",
                hint: "Deploy as a superuser, or let one grant it: GRANT SET ON PARAMETER session_replication_role TO \"...\";",
                sqlState: error.sqlState, cause: error)
        }
    }

    /// From here on they fire again.
    static func end(_ session: PostgresSession) throws {
        try session.execute("SET LOCAL session_replication_role = 'origin'")
    }

    /// Checks what the silent triggers would have checked, for all rows of the tables.
    ///
    /// - Throws: ``YesterdayError`` for the first row that breaks a constraint.
    static func check(_ tables: [TableName], _ session: PostgresSession) throws {
        for constraint in try constraints(of: tables, session) {
            let name: String = try constraint.get("name")
            let table: String = try constraint.get("relation")
            guard let query = try constraint.getIfPresent("query", as: String.self) else {
                throw YesterdayError(
                    .refused, "the constraint \(name) of \(table) cannot be checked without its triggers",
                    detail: "It is of a kind that only triggers check.",
                    hint: "Leave triggers: silent out of bundle.yaml.")
            }
            guard let broken = try session.query(query).rows.first else { continue }
            throw YesterdayError(
                .refused, "rows of \(table) break the constraint \(name)", detail: broken[0].map { "One of them has \($0)." },
                hint: "Add to the bundle the rows that they refer to, or take these rows out.", sqlState: "23503")
        }
    }

    /// Foreign keys at whose either end one of the tables is, and their deferrable constraints, each
    /// with the query that finds a row that breaks it. Constraints that were never valid for all
    /// rows are left out.
    private static func constraints(of tables: [TableName], _ session: PostgresSession) throws -> [Row] {
        try session.query(
            """
            WITH written AS (
                SELECT pg_catalog.to_regclass(t)::pg_catalog.oid AS oid FROM pg_catalog.unnest($1::pg_catalog.text[]) AS t
            ), involved AS (
                SELECT k.*, pg_catalog.to_jsonb(k) AS properties FROM pg_catalog.pg_constraint AS k
                WHERE k.convalidated AND k.conparentid = 0
                  AND ((k.contype = 'f' AND EXISTS (
                            SELECT FROM written AS w WHERE k.conrelid IN (
                                SELECT w.oid UNION ALL SELECT relid FROM pg_catalog.pg_partition_ancestors(w.oid))
                             OR k.confrelid IN (
                                SELECT w.oid UNION ALL SELECT relid FROM pg_catalog.pg_partition_ancestors(w.oid))))
                    OR (k.contype IN ('p', 'u', 'x') AND k.condeferrable
                        AND k.conrelid IN (SELECT w.oid FROM written AS w)))
            ), columns AS (
                SELECT k.oid, k.contype, k.conname, k.conrelid, k.confrelid, k.confmatchtype, k.conindid, k.properties,
                    pg_catalog.string_agg(pg_catalog.format('c.%I', a.attname), ', ' ORDER BY n.place) AS own,
                    pg_catalog.string_agg(pg_catalog.format('c.%I IS NOT NULL', a.attname), ' AND ' ORDER BY n.place) AS filled,
                    pg_catalog.string_agg(pg_catalog.format('c.%I IS NULL', a.attname), ' AND ' ORDER BY n.place) AS blank,
                    pg_catalog.string_agg(
                        pg_catalog.format('p.%I OPERATOR(%I.%s) c.%I', f.attname, o.nspname, o.oprname, a.attname), ' AND '
                        ORDER BY n.place) AS matches
                FROM involved AS k
                CROSS JOIN LATERAL pg_catalog.unnest(k.conkey) WITH ORDINALITY AS n (attnum, place)
                JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = n.attnum
                LEFT JOIN pg_catalog.pg_attribute AS f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[n.place]
                LEFT JOIN LATERAL (
                    SELECT s.nspname, o.oprname FROM pg_catalog.pg_operator AS o
                    JOIN pg_catalog.pg_namespace AS s ON s.oid = o.oprnamespace WHERE o.oid = k.conpfeqop[n.place]
                ) AS o ON true
                GROUP BY k.oid, k.contype, k.conname, k.conrelid, k.confrelid, k.confmatchtype, k.conindid, k.properties
            )
            SELECT k.conname AS name, k.conrelid::pg_catalog.regclass::pg_catalog.text AS relation,
                CASE WHEN (k.properties->>'conperiod')::pg_catalog.bool OR k.contype = 'x' THEN NULL
                    WHEN k.contype = 'f' THEN pg_catalog.format(
                        'SELECT ROW(%s)::pg_catalog.text FROM %s AS c WHERE %s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s)%s LIMIT 1',
                        k.own, k.conrelid::pg_catalog.regclass, k.filled, k.confrelid::pg_catalog.regclass, k.matches,
                        CASE k.confmatchtype WHEN 'f' THEN pg_catalog.format(' OR NOT (%s) AND NOT (%s)', k.filled, k.blank)
                            ELSE '' END)
                    ELSE pg_catalog.format(
                        'SELECT ROW(%s)::pg_catalog.text FROM %s AS c WHERE %s GROUP BY %s HAVING pg_catalog.count(*) > 1 LIMIT 1',
                        k.own, k.conrelid::pg_catalog.regclass,
                        CASE WHEN (pg_catalog.to_jsonb(i)->>'indnullsnotdistinct')::pg_catalog.bool THEN 'true' ELSE k.filled END,
                        k.own) END AS query
            FROM columns AS k LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = k.conindid
            WHERE coalesce((k.properties->>'conenforced')::pg_catalog.bool, true)
            ORDER BY k.contype, k.conrelid::pg_catalog.regclass::pg_catalog.text, k.conname
            """, [.array(tables.map(\.sql))]
        ).rows
    }
}
