-- Leaves one record a key in a shadow: the one of the member transaction that
-- touched the row first, and within a transaction a prior image before an
-- inserted key. A version that somebody else wrote between two members is kept
-- as op F: no state to go back to, but for the attic when the rollback
-- overwrites the row. Records of the transaction that settles come last: it has
-- not committed yet. Of an emptied table that is not tracked the rows that the
-- deployment left in it stay beside those that were there.
--
-- Where the deployment took the key away, it can have inserted a row like one that was there before, and touched that one
-- in a later transaction: a version that is older than all of its transactions is what was there.
CREATE FUNCTION yesterday._settle_shadow(captured_table bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    shadow   name;
    kind     text;
    keys     text;
    matches  text;
    of_table bigint := captured_table;
    of_deployment bigint;
    one_transaction boolean;
    has_keys        boolean;
    is_business     boolean;
    oldest          xid8;
BEGIN
    SELECT t.shadow_name, t.key_kind, t.deployment, t.business
      INTO STRICT shadow, kind, of_deployment, is_business
      FROM yesterday.captured_table t WHERE t.id = of_table;
    IF kind = 'row' THEN
        RETURN;
    END IF;
    SELECT string_agg(format('%I', c.shadow_column), ', '),
           string_agg(format('i.%1$I = r.%1$I', c.shadow_column), ' AND ')
      INTO STRICT keys, matches
      FROM yesterday.captured_table t
      JOIN yesterday.captured_column c ON c.captured_table = t.id AND c.column_name = ANY (t.key_columns)
     WHERE t.id = of_table;

    EXECUTE format('SELECT coalesce(min(xid) = max(xid), true), coalesce(bool_or(op = ''I''), false)'
                   '  FROM yesterday_shadow.%I', shadow)
       INTO one_transaction, has_keys;

    IF one_transaction AND is_business THEN
        RETURN;
    END IF;
    IF one_transaction THEN
        -- a key that was inserted, given away or deleted, and inserted again
        IF has_keys THEN
            EXECUTE format('DELETE FROM yesterday_shadow.%1$I r USING yesterday_shadow.%1$I i'
                           ' WHERE r.op = ''I'' AND (i.op <> ''I'' OR i.ctid < r.ctid) AND %2$s',
                           shadow, matches);
        END IF;
        RETURN;
    END IF;

    IF yesterday._same_cluster(of_deployment) AND NOT EXISTS (
           SELECT FROM yesterday.captured_table t
           JOIN pg_index x ON x.indrelid = t.relid AND yesterday._is_key_index(x.indexrelid) AND x.indnkeyatts = cardinality(t.key_columns)
           WHERE t.id = of_table AND NOT EXISTS (
               SELECT FROM unnest((x.indkey::smallint[])[0:x.indnkeyatts - 1]) n
               WHERE NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.relid AND a.attnum = n AND a.attname = ANY (t.key_columns)))) THEN
        oldest := (SELECT min(m.xid) FROM yesterday.member_transaction m WHERE m.deployment = of_deployment);
    END IF;

    -- xids come back in the order of ordinal; ctid is the order of writing
    EXECUTE format($settle$
        WITH ranked AS (
            SELECT s.ctid AS record, s.op,
                   -- one that the same transaction wrote is the same: it had ended by then
                   s.xid <> first_value(s.xid) OVER key_order
                   AND NOT coalesce(s.prior = first_value(s.prior) OVER key_order, false) AS foreign_to_first,
                   row_number() OVER key_order AS place
              FROM yesterday_shadow.%1$I s
              LEFT JOIN yesterday.member_transaction m ON m.deployment = $1 AND m.xid = s.xid
             WHERE s.op <> 'F' AND (s.op <> 'I' OR NOT $2)
            WINDOW key_order AS (PARTITION BY %2$s ORDER BY coalesce(s.op <> 'I' AND s.prior < $3, false) DESC,
                                                                m.ordinal NULLS LAST, s.op = 'I', s.ctid)
        ), kept AS (
            UPDATE yesterday_shadow.%1$I s SET op = 'F'
              FROM ranked r
             WHERE s.ctid = r.record AND r.place > 1 AND r.op <> 'I' AND r.foreign_to_first
        )
        DELETE FROM yesterday_shadow.%1$I s
         USING ranked r
         WHERE s.ctid = r.record AND r.place > 1 AND (r.op = 'I' OR NOT r.foreign_to_first)
        $settle$, shadow, keys)
      USING of_deployment, is_business, oldest;
END
$function$;

COMMENT ON FUNCTION yesterday._settle_shadow(bigint) IS
    'internal: leaves one record a key in a shadow table';
REVOKE ALL ON FUNCTION yesterday._settle_shadow(bigint) FROM PUBLIC;
