-- What a person asked and was answered, by digest, and the texts that are still kept.
SELECT DISTINCT r.digest, b.body
FROM (
    SELECT unnest([question_digest, answer_digest]) AS digest
    FROM runs WHERE principal = $principal
) r
LEFT JOIN bodies b ON b.digest = r.digest
WHERE r.digest IS NOT NULL;
