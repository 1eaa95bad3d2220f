-- What the runs of others repeat of a person, whose runs stand in theirs_runs and whose words, by
-- digest, in theirs_said. What the others said themselves stays.

-- A run that somebody else made again is the person's, unless they asked the same themselves.
INSERT INTO theirs_runs
SELECT id FROM runs
WHERE kind IN ('replay', 'shadow')
    AND question_digest IN (SELECT digest FROM theirs_said)
    AND id NOT IN (SELECT id FROM theirs_runs)
    AND (principal, question_digest) NOT IN (
        SELECT (principal, question_digest) FROM runs
        WHERE kind NOT IN ('replay', 'shadow') AND question_digest IS NOT NULL
    );

-- Questions that were rewritten by what the person said before them.
UPDATE queries SET query_digest = NULL
FROM runs r
WHERE r.id = queries.run_id AND r.follow_up AND query_digest <> r.question_digest
    AND (
        r.conversation <> ''
        AND sha256(r.conversation) IN (SELECT digest FROM theirs_conversations)
        OR r.id IN (
            SELECT run_id FROM asked_turns
            WHERE text_digest IN (SELECT digest FROM theirs_said)
        )
    );

-- Summaries of conversations that the person took part in, wherever one was given.
UPDATE asked_turns SET text_digest = NULL
WHERE role = 'summary' AND text_digest IN (
    SELECT t.text_digest
    FROM asked_turns t JOIN runs r ON r.id = t.run_id
    WHERE t.role = 'summary' AND (
        r.conversation <> ''
        AND sha256(r.conversation) IN (SELECT digest FROM theirs_conversations)
        OR r.id IN (
            SELECT run_id FROM asked_turns
            WHERE text_digest IN (SELECT digest FROM theirs_said)
        )
    )
);

-- The turns before.
UPDATE asked_turns SET text_digest = NULL
WHERE text_digest IN (SELECT digest FROM theirs_said);
