-- One line for each object of the application: everything that is neither the
-- server's nor ours.
WITH spaces AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'dualwrite')
), lines AS (
    SELECT 'schema ' || nspname AS line FROM spaces
    UNION ALL
    SELECT format('%s %I.%I %s', c.relkind, s.nspname, c.relname, c.relpersistence)
    FROM pg_class AS c JOIN spaces AS s ON s.oid = c.relnamespace
    UNION ALL
    SELECT format('column %I.%I.%I %s %s %s %s %s %s', s.nspname, c.relname, a.attname,
                  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                  a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN spaces AS s ON s.oid = c.relnamespace
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT format('constraint %I.%I on %s: %s', s.nspname, k.conname,
                  k.conrelid::regclass, pg_get_constraintdef(k.oid))
    FROM pg_constraint AS k JOIN spaces AS s ON s.oid = k.connamespace
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN spaces AS s ON s.oid = c.relnamespace
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(t.oid)
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN spaces AS s ON s.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgname NOT LIKE 'dualwrite\_%'
    UNION ALL
    SELECT format('sequence %I.%I %s %s %s %s %s %s', s.nspname, c.relname, format_type(q.seqtypid, NULL),
                  q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle)
    FROM pg_sequence AS q JOIN pg_class AS c ON c.oid = q.seqrelid
    JOIN spaces AS s ON s.oid = c.relnamespace
    UNION ALL
    SELECT format('view %I.%I: %s', s.nspname, c.relname, pg_get_viewdef(c.oid))
    FROM pg_class AS c JOIN spaces AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT 'function ' || pg_get_functiondef(p.oid)
    FROM pg_proc AS p JOIN spaces AS s ON s.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p')
    UNION ALL
    SELECT format('type %I.%I %s %s', s.nspname, t.typname, t.typtype,
                  (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
                   FROM pg_enum AS e WHERE e.enumtypid = t.oid))
    FROM pg_type AS t JOIN spaces AS s ON s.oid = t.typnamespace
)
SELECT line FROM lines ORDER BY line COLLATE "C"
