-- For how long an accident is on the road, by its kind of road. Some ends of the dataset are off by a year: median and tail.
SELECT
  road_class,
  count(duration_minutes) AS accidents,
  round(approx_percentile(duration_minutes, 0.5)) AS median_minutes,
  round(approx_percentile(duration_minutes, 0.95)) AS minutes_of_one_in_twenty
FROM accidents
GROUP BY road_class
ORDER BY median_minutes DESC
