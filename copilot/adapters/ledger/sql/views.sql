-- The views with a description, and their columns.
SELECT v.view_name, v.comment, c.column_name, c.data_type, coalesce(c.comment, '')
FROM duckdb_views() v
JOIN duckdb_columns() c
    ON c.database_oid = v.database_oid AND c.schema_name = v.schema_name
    AND c.table_name = v.view_name
WHERE NOT v.internal AND v.comment IS NOT NULL
ORDER BY v.view_name, c.column_index;
