-- Who took part in which conversation.
SELECT DISTINCT conversation, principal FROM runs WHERE conversation <> '';
