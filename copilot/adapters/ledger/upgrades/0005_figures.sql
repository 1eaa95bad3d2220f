-- What a run adds to the figures of stats, counted once, when it is merged: over a million model
-- calls, joining every citation and verdict to its run anew takes longer than a person waits.
-- counted is false while a run has records that its figures don't know yet.

ALTER TABLE runs ADD COLUMN counted BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN citations INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN cites_top3 BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN dropped INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN shown INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN supported INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN calls INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN failed_calls INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN good INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN bad INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN leaking BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN guarded BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN violating BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN tool_calls INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN failed_tool_calls INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN extractions INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN valid_at_first INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN valid_at_last INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN cache_asked BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN cache_hit BOOLEAN DEFAULT false;
ALTER TABLE runs ADD COLUMN cache_checked INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN cache_wrong INTEGER DEFAULT 0;
ALTER TABLE runs ADD COLUMN cache_saved_microusd BIGINT DEFAULT 0;
