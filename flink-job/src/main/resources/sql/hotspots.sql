-- A row: one of the twenty H3 cells in which a feed had the gravest accidents in ten minutes of event time,
-- by the sum of their severities; there are such ten minutes every minute.
CREATE TEMPORARY VIEW hotspots AS
WITH cells AS (
  SELECT
    feed,
    cell,
    COUNT(*) AS accidents,
    SUM(CAST(severity AS BIGINT)) AS weight,
    window_start,
    window_end
  FROM TABLE(HOP(TABLE accidents, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '10' MINUTE))
  GROUP BY feed, cell, window_start, window_end
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY feed, window_start, window_end
      ORDER BY weight DESC, accidents DESC, cell
    ) AS place
  FROM cells
)
SELECT feed, cell, accidents, weight, place, window_start, window_end
FROM ranked
WHERE place <= 20
