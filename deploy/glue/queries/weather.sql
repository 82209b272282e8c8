-- In which weather accidents are gravest. Severity depends on the source of a row too, so by source.
SELECT
  source,
  weather_class,
  count(*) AS accidents,
  round(avg(severity), 2) AS mean_severity,
  round(avg(visibility_mi), 1) AS mean_visibility_mi
FROM accidents
GROUP BY source, weather_class
ORDER BY source, mean_severity DESC
