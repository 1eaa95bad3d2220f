-- Each text by what may leave of it, where the two differ; rolled back after the export.
UPDATE bodies SET body = r.after FROM redacted r WHERE r.before = body;
UPDATE runs SET conversation = r.after FROM redacted r WHERE r.before = conversation;
UPDATE feedback SET tags = list_transform(tags, lambda tag: coalesce(m.words[tag], tag))
FROM (SELECT map_from_entries(list((before, after))) AS words FROM redacted) m
WHERE m.words IS NOT NULL;
