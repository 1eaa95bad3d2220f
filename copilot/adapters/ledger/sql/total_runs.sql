SELECT kind, status, count(*) FROM runs GROUP BY kind, status ORDER BY kind, status;
