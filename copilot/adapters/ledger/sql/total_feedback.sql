SELECT rating, count(*) FROM feedback GROUP BY rating ORDER BY rating;
