SELECT count(*), epoch_us(min(started_at)), epoch_us(max(started_at)),
    (SELECT count(*) FROM bodies)
FROM runs;
