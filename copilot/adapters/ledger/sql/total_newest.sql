SELECT (SELECT epoch_us(max(started_at)) FROM runs),
    (SELECT epoch_us(max(recorded_at)) FROM syncs WHERE coalesce(whole, true));
