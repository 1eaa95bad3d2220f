-- Nothing that a person or a model wrote; rolled back after the export.
DELETE FROM bodies;
UPDATE runs SET conversation = '';
UPDATE feedback SET tags = [];
