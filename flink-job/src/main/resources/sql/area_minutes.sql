-- A row: how many accidents of one feed fell into one minute of event time in one area, which is a state
-- or an H3 cell. It comes once, when the watermark passes the minute's end; a minute without accidents
-- has no row. `state` is the alphabetically first one among them: a cell can lie in two.
-- Counted apart and then joined, an accident does not leave the task that it came to.
CREATE TEMPORARY VIEW area_minutes AS
SELECT feed, 'state' AS area_kind, state AS area, state, COUNT(*) AS accidents, window_start, window_end
FROM TABLE(TUMBLE(TABLE accidents, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY feed, state, window_start, window_end
UNION ALL
SELECT feed, 'cell' AS area_kind, cell AS area, MIN(state), COUNT(*) AS accidents, window_start, window_end
FROM TABLE(TUMBLE(TABLE accidents, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY feed, cell, window_start, window_end
