-- A row: one of the ten cities, or one of the ten counties, in which a feed had the most accidents in one
-- hour of event time; there is such an hour every minute. Places of one name in two states are two; an
-- accident without a city, or without a county, counts for none.
CREATE TEMPORARY VIEW top_cities AS
WITH places AS (
  SELECT feed, 'city' AS level, state, city AS name, severity, event_time FROM accidents WHERE city IS NOT NULL
  UNION ALL
  SELECT feed, 'county' AS level, state, county AS name, severity, event_time FROM accidents WHERE county IS NOT NULL
),
counts AS (
  SELECT
    feed,
    level,
    state,
    name,
    COUNT(*) AS accidents,
    SUM(CAST(severity AS BIGINT)) AS weight,
    window_start,
    window_end
  FROM TABLE(HOP(TABLE places, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '60' MINUTE))
  GROUP BY feed, level, state, name, window_start, window_end
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY feed, level, window_start, window_end
      ORDER BY accidents DESC, weight DESC, state, name
    ) AS place
  FROM counts
)
SELECT feed, level, state, name, accidents, weight, place, window_start, window_end
FROM ranked
WHERE place <= 10
