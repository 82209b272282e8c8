-- A row: one of the ten cities, or one of the ten counties, in which a feed had the most accidents in one
-- hour of event time; there is such an hour every minute. Places of one name in two states are two; an
-- accident without a city, or without a county, counts for none.
CREATE TEMPORARY VIEW top_cities AS
WITH cities AS (
  SELECT feed, state, city, COUNT(*) AS accidents, SUM(CAST(severity AS BIGINT)) AS weight, window_start, window_end
  FROM TABLE(HOP(TABLE accidents, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '60' MINUTE))
  WHERE city IS NOT NULL
  GROUP BY feed, state, city, window_start, window_end
),
counties AS (
  SELECT feed, state, county, COUNT(*) AS accidents, SUM(CAST(severity AS BIGINT)) AS weight, window_start, window_end
  FROM TABLE(HOP(TABLE accidents, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '60' MINUTE))
  WHERE county IS NOT NULL
  GROUP BY feed, state, county, window_start, window_end
),
places AS (
  SELECT feed, 'city' AS level, state, city AS name, accidents, weight, window_start, window_end FROM cities
  UNION ALL
  SELECT feed, 'county' AS level, state, county AS name, accidents, weight, window_start, window_end FROM counties
),
ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY feed, level, window_start, window_end
      ORDER BY accidents DESC, weight DESC, state, name
    ) AS place
  FROM places
)
SELECT feed, level, state, name, accidents, weight, place, window_start, window_end
FROM ranked
WHERE place <= 10
