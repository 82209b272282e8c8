-- A row: a row of one of the other views, named by `view`; columns that it does not have are NULL. All of
-- them leave SQL together, so that they are planned together and accidents enter it only once.
CREATE TEMPORARY VIEW aggregates AS
SELECT
  'state_severity_minute' AS `view`,
  feed,
  CAST(NULL AS STRING) AS kind,
  CAST(NULL AS STRING) AS name,
  state,
  severity,
  CAST(NULL AS BIGINT) AS `rank`,
  accidents,
  CAST(NULL AS BIGINT) AS weight,
  window_start,
  window_end
FROM state_severity_minute
UNION ALL
SELECT
  'hotspots', feed, CAST(NULL AS STRING), cell, CAST(NULL AS STRING), CAST(NULL AS INT), place, accidents, weight,
  window_start, window_end
FROM hotspots
UNION ALL
SELECT
  'top_cities', feed, level, name, state, CAST(NULL AS INT), place, accidents, weight, window_start, window_end
FROM top_cities
UNION ALL
SELECT
  'area_minutes', feed, area_kind, area, state, CAST(NULL AS INT), CAST(NULL AS BIGINT), accidents,
  CAST(NULL AS BIGINT), window_start, window_end
FROM area_minutes
