-- When accidents happen: by weekday (1 is Monday) and hour on the clocks of their place, as a share of all.
SELECT
  weekday,
  extract(HOUR FROM start_time) AS hour_of_day,
  count(*) AS accidents,
  round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent
FROM accidents
GROUP BY weekday, extract(HOUR FROM start_time)
ORDER BY weekday, hour_of_day
