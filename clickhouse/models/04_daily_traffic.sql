-- A row is one day (UTC) of one container and channel, of all that there are.
CREATE OR REPLACE VIEW freehold.daily_traffic {on_cluster} AS
SELECT * FROM freehold.daily_traffic_between(first = '1970-01-02', last = '2100-01-01')
