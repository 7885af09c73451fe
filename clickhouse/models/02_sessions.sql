-- A row is one session of one person, of all that there are. It reads everything, whatever is asked of it:
-- sessions_between reads the days that are asked for.
CREATE OR REPLACE VIEW freehold.sessions {on_cluster} AS
SELECT * FROM freehold.sessions_between(first = '1970-01-02', last = '2100-01-01')
