UPDATE {table} SET {assignments}, updated_at = ? WHERE id = ?
