-- A row: how many accidents of one feed, state and severity fell into one minute of event time. It comes
-- once, when the watermark passes the minute's end; a minute without accidents has no row.
CREATE TEMPORARY VIEW state_severity_minute AS
SELECT
  feed,
  state,
  severity,
  COUNT(*) AS accidents,
  window_start,
  window_end
FROM TABLE(TUMBLE(TABLE accidents, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY feed, state, severity, window_start, window_end
