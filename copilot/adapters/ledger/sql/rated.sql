SELECT DISTINCT run_id FROM feedback;
