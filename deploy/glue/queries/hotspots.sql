-- The twenty cells (H3, resolution 6, some 36 km²) with the most accidents, and where they are.
SELECT
  cell,
  min(state) AS state,
  min(county) AS county,
  count(*) AS accidents,
  count(*) FILTER (WHERE rush_hour) AS in_rush_hour,
  round(avg(lat), 3) AS lat,
  round(avg(lng), 3) AS lng
FROM accidents
GROUP BY cell
ORDER BY accidents DESC, cell
LIMIT 20
