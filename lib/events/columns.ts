/**
 * The columns of the dataset, in the order of its March 2023 release, and the field that each becomes in a raw
 * event. `number` columns become numbers when they read as plain decimals and stay text otherwise (refusing them
 * is Flink's work); `flag` columns are gathered into `features`.
 */
export type Column = {
  header: string
  field: string
  kind: 'text' | 'number' | 'flag'
  /** A source without this column cannot be replayed. */
  needed?: true
}

export const COLUMNS: readonly Column[] = [
  { header: 'ID', field: 'id', kind: 'text', needed: true },
  { header: 'Source', field: 'source', kind: 'text' },
  { header: 'Severity', field: 'severity', kind: 'number', needed: true },
  { header: 'Start_Time', field: 'start_time', kind: 'text', needed: true },
  { header: 'End_Time', field: 'end_time', kind: 'text' },
  { header: 'Start_Lat', field: 'start_lat', kind: 'number', needed: true },
  { header: 'Start_Lng', field: 'start_lng', kind: 'number', needed: true },
  { header: 'End_Lat', field: 'end_lat', kind: 'number' },
  { header: 'End_Lng', field: 'end_lng', kind: 'number' },
  { header: 'Distance(mi)', field: 'distance_mi', kind: 'number' },
  { header: 'Description', field: 'description', kind: 'text' },
  { header: 'Street', field: 'street', kind: 'text' },
  { header: 'City', field: 'city', kind: 'text' },
  { header: 'County', field: 'county', kind: 'text' },
  { header: 'State', field: 'state', kind: 'text', needed: true },
  { header: 'Zipcode', field: 'zipcode', kind: 'text' },
  { header: 'Country', field: 'country', kind: 'text' },
  { header: 'Timezone', field: 'timezone', kind: 'text' },
  { header: 'Airport_Code', field: 'airport_code', kind: 'text' },
  { header: 'Weather_Timestamp', field: 'weather_timestamp', kind: 'text' },
  { header: 'Temperature(F)', field: 'temperature_f', kind: 'number' },
  { header: 'Wind_Chill(F)', field: 'wind_chill_f', kind: 'number' },
  { header: 'Humidity(%)', field: 'humidity_pct', kind: 'number' },
  { header: 'Pressure(in)', field: 'pressure_in', kind: 'number' },
  { header: 'Visibility(mi)', field: 'visibility_mi', kind: 'number' },
  { header: 'Wind_Direction', field: 'wind_direction', kind: 'text' },
  { header: 'Wind_Speed(mph)', field: 'wind_speed_mph', kind: 'number' },
  { header: 'Precipitation(in)', field: 'precipitation_in', kind: 'number' },
  { header: 'Weather_Condition', field: 'weather_condition', kind: 'text' },
  { header: 'Amenity', field: 'amenity', kind: 'flag' },
  { header: 'Bump', field: 'bump', kind: 'flag' },
  { header: 'Crossing', field: 'crossing', kind: 'flag' },
  { header: 'Give_Way', field: 'give_way', kind: 'flag' },
  { header: 'Junction', field: 'junction', kind: 'flag' },
  { header: 'No_Exit', field: 'no_exit', kind: 'flag' },
  { header: 'Railway', field: 'railway', kind: 'flag' },
  { header: 'Roundabout', field: 'roundabout', kind: 'flag' },
  { header: 'Station', field: 'station', kind: 'flag' },
  { header: 'Stop', field: 'stop', kind: 'flag' },
  { header: 'Traffic_Calming', field: 'traffic_calming', kind: 'flag' },
  { header: 'Traffic_Signal', field: 'traffic_signal', kind: 'flag' },
  { header: 'Turning_Loop', field: 'turning_loop', kind: 'flag' },
  { header: 'Sunrise_Sunset', field: 'sunrise_sunset', kind: 'text' },
  { header: 'Civil_Twilight', field: 'civil_twilight', kind: 'text' },
  { header: 'Nautical_Twilight', field: 'nautical_twilight', kind: 'text' },
  { header: 'Astronomical_Twilight', field: 'astronomical_twilight', kind: 'text' },
]

/** Columns that only the releases of 2020 and earlier have. */
export const EARLIER_COLUMNS: readonly Column[] = [
  { header: 'TMC', field: 'tmc', kind: 'number' },
  { header: 'Number', field: 'house_number', kind: 'number' },
  { header: 'Side', field: 'side', kind: 'text' },
]

export const NEEDED_HEADERS: readonly string[] = COLUMNS.filter((column) => column.needed).map(
  (column) => column.header,
)
