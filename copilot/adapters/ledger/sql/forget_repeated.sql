-- In a conversation that a person took part in, the runs of others repeat what that person said:
-- as turns before, and in questions rewritten by them. What the others said themselves stays. The
-- person's runs stand in theirs_runs.
UPDATE asked_turns SET text_digest = NULL
WHERE text_digest IN (
    SELECT unnest([r.question_digest, sha256(trim(b.body, ' \n\r\t')), r.answer_digest])
    FROM runs r LEFT JOIN bodies b ON b.digest = r.question_digest
    WHERE r.id IN (SELECT id FROM theirs_runs)
);
UPDATE queries SET query_digest = NULL
FROM runs r
WHERE r.id = queries.run_id AND r.follow_up AND query_digest <> r.question_digest
    AND r.conversation <> ''
    AND r.conversation IN (
        SELECT conversation FROM runs WHERE id IN (SELECT id FROM theirs_runs)
    );
