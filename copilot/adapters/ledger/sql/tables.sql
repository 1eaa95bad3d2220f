-- The tables whose rows belong to runs, each with its columns.
SELECT c.table_name, list(c.column_name)
FROM duckdb_columns() c
JOIN duckdb_tables() t ON t.table_oid = c.table_oid AND t.database_oid = c.database_oid
WHERE NOT t.internal AND NOT t.temporary AND t.schema_name = 'main'
GROUP BY c.table_name
HAVING c.table_name = 'runs' OR list_contains(list(c.column_name), 'run_id')
ORDER BY c.table_name;
