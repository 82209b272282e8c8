-- A row: how many accidents of one feed fell into one minute of event time in one area, which is a state
-- or an H3 cell. It comes once, when the watermark passes the minute's end; a minute without accidents
-- has no row. `state` is the alphabetically first one among them: a cell can lie in two.
CREATE TEMPORARY VIEW area_minutes AS
WITH areas AS (
  SELECT feed, 'state' AS area_kind, state AS area, state, event_time FROM accidents
  UNION ALL
  SELECT feed, 'cell' AS area_kind, cell AS area, state, event_time FROM accidents
)
SELECT
  feed,
  area_kind,
  area,
  MIN(state) AS state,
  COUNT(*) AS accidents,
  window_start,
  window_end
FROM TABLE(TUMBLE(TABLE areas, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY feed, area_kind, area, window_start, window_end
