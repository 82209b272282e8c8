import { type Random, weighted } from './random.ts'

const IN_CITY_SHARE = 0.4
const ON_ROAD_SHARE = 0.75
const OUTSKIRTS_DEGREES = 0.9
const BESIDE_ROAD_DEGREES = 0.2

export type Place = {
  state: string
  city: string
  county: string
  zip: string
  lat: number
  lng: number
  /** As the dataset says it, also where that is wrong. */
  zone: string
  airport: string
}

type City = readonly [city: string, county: string, zip: string, lat: number, lng: number, airport: string]
type State = readonly [state: string, share: number, zone: string, cities: readonly City[]]

/**
 * Shares of the rows in percent: for the ten states with the most, as published of the dataset; for the others made up
 * to fill the rest in a plausible order. Centres of cities are rounded to two decimals.
 */
const STATES: readonly State[] = [
  [
    'CA',
    22.6,
    'Pacific',
    [
      ['Los Angeles', 'Los Angeles', '90012', 34.05, -118.24, 'KCQT'],
      ['Sacramento', 'Sacramento', '95814', 38.58, -121.49, 'KSAC'],
      ['San Diego', 'San Diego', '92101', 32.78, -117.1, 'KSAN'],
      ['San Jose', 'Santa Clara', '95113', 37.33, -121.89, 'KSJC'],
      ['Riverside', 'Riverside', '92501', 33.95, -117.4, 'KRAL'],
      ['Fresno', 'Fresno', '93721', 36.74, -119.79, 'KFAT'],
    ],
  ],
  [
    'FL',
    11.4,
    'Eastern',
    [
      ['Miami', 'Miami-Dade', '33132', 25.79, -80.27, 'KMIA'],
      ['Orlando', 'Orange', '32801', 28.54, -81.38, 'KORL'],
      ['Jacksonville', 'Duval', '32202', 30.33, -81.66, 'KCRG'],
      ['Tampa', 'Hillsborough', '33602', 27.97, -82.44, 'KTPA'],
    ],
  ],
  [
    'TX',
    7.5,
    'Central',
    [
      ['Houston', 'Harris', '77002', 29.76, -95.37, 'KMCJ'],
      ['Dallas', 'Dallas', '75201', 32.78, -96.8, 'KDAL'],
      ['Austin', 'Travis', '78701', 30.27, -97.74, 'KATT'],
      ['San Antonio', 'Bexar', '78205', 29.42, -98.49, 'KSSF'],
    ],
  ],
  [
    'SC',
    4.9,
    'Eastern',
    [
      ['Columbia', 'Richland', '29201', 34.03, -80.99, 'KCUB'],
      ['Greenville', 'Greenville', '29601', 34.85, -82.39, 'KGMU'],
    ],
  ],
  [
    'NY',
    4.5,
    'Eastern',
    [
      ['Bronx', 'Bronx', '10451', 40.84, -73.89, 'KLGA'],
      ['Rochester', 'Monroe', '14604', 43.12, -77.62, 'KROC'],
      ['Buffalo', 'Erie', '14202', 42.87, -78.78, 'KBUF'],
    ],
  ],
  [
    'NC',
    4.4,
    'Eastern',
    [
      ['Charlotte', 'Mecklenburg', '28202', 35.25, -80.84, 'KCLT'],
      ['Raleigh', 'Wake', '27601', 35.79, -78.64, 'KRDU'],
    ],
  ],
  [
    'VA',
    3.9,
    'Eastern',
    [
      ['Richmond', 'Henrico', '23219', 37.54, -77.44, 'KRIC'],
      ['Fairfax', 'Fairfax', '22030', 38.85, -77.3, 'KDCA'],
    ],
  ],
  [
    'PA',
    3.8,
    'Eastern',
    [
      ['Philadelphia', 'Philadelphia', '19107', 40.0, -75.21, 'KPHL'],
      ['Pittsburgh', 'Allegheny', '15222', 40.44, -79.99, 'KAGC'],
    ],
  ],
  ['MN', 2.5, 'Central', [['Minneapolis', 'Hennepin', '55401', 44.98, -93.3, 'KMSP']]],
  [
    'OH',
    2.3,
    'Eastern',
    [
      ['Columbus', 'Franklin', '43215', 39.97, -82.99, 'KCMH'],
      ['Dayton', 'Montgomery', '45402', 39.78, -84.19, 'KDAY'],
    ],
  ],
  [
    'OR',
    2.3,
    'Pacific',
    [
      ['Salem', 'Marion', '97301', 44.94, -123.02, 'KSLE'],
      ['Eugene', 'Lane', '97401', 44.05, -123.08, 'KEUG'],
    ],
  ],
  [
    'AZ',
    2.2,
    'Mountain',
    [
      ['Phoenix', 'Maricopa', '85003', 33.46, -112.07, 'KPHX'],
      ['Tucson', 'Pima', '85701', 32.2, -110.92, 'KTUS'],
    ],
  ],
  [
    'GA',
    2.2,
    'Eastern',
    [
      ['Atlanta', 'Fulton', '30303', 33.77, -84.4, 'KFTY'],
      ['Macon', 'Bibb', '31201', 32.84, -83.65, 'KMCN'],
    ],
  ],
  [
    'IL',
    2.2,
    'Central',
    [
      ['Joliet', 'Will', '60432', 41.53, -88.1, 'KJOT'],
      ['Peoria', 'Peoria', '61602', 40.72, -89.62, 'KPIA'],
    ],
  ],
  ['TN', 2.2, 'Central', [['Nashville', 'Davidson', '37203', 36.15, -86.78, 'KBNA']]],
  ['MI', 2.1, 'Eastern', [['Lansing', 'Ingham', '48933', 42.71, -84.55, 'KLAN']]],
  [
    'LA',
    1.9,
    'Central',
    [
      ['Baton Rouge', 'East Baton Rouge', '70802', 30.44, -91.13, 'KBTR'],
      ['New Orleans', 'Orleans', '70112', 29.98, -90.08, 'KNEW'],
    ],
  ],
  ['NJ', 1.8, 'Eastern', [['Edison', 'Middlesex', '08817', 40.53, -74.4, 'KSMQ']]],
  ['MD', 1.8, 'Eastern', [['Columbia', 'Howard', '21044', 39.21, -76.86, 'KFME']]],
  ['WA', 1.4, 'Pacific', [['Bellevue', 'King', '98004', 47.61, -122.17, 'KBFI']]],
  ['AL', 1.3, 'Central', [['Birmingham', 'Jefferson', '35203', 33.52, -86.81, 'KBHM']]],
  ['UT', 1.2, 'Mountain', [['Provo', 'Utah', '84601', 40.24, -111.66, 'KPVU']]],
  ['CO', 1.2, 'Mountain', [['Denver', 'Denver', '80202', 39.75, -104.97, 'KBKF']]],
  ['OK', 1.1, 'Central', [['Oklahoma City', 'Oklahoma', '73102', 35.48, -97.52, 'KOKC']]],
  ['CT', 0.9, 'Eastern', [['Hartford', 'Hartford', '06103', 41.76, -72.7, 'KHFD']]],
  ['MO', 0.9, 'Central', [['Columbia', 'Boone', '65201', 38.95, -92.33, 'KCOU']]],
  ['IN', 0.9, 'Eastern', [['Indianapolis', 'Marion', '46204', 39.78, -86.16, 'KEYE']]],
  ['MA', 0.8, 'Eastern', [['Worcester', 'Worcester', '01608', 42.27, -71.81, 'KORH']]],
  ['WI', 0.5, 'Central', [['Madison', 'Dane', '53703', 43.08, -89.4, 'KMSN']]],
  ['KY', 0.5, 'Eastern', [['Lexington', 'Fayette', '40507', 38.04, -84.49, 'KLEX']]],
  ['MT', 0.4, 'Mountain', [['Billings', 'Yellowstone', '59101', 45.78, -108.51, 'KBIL']]],
  ['NE', 0.4, 'Central', [['Lincoln', 'Lancaster', '68508', 40.81, -96.69, 'KLNK']]],
  ['IA', 0.4, 'Central', [['Des Moines', 'Polk', '50309', 41.6, -93.62, 'KDSM']]],
  ['AR', 0.3, 'Central', [['Little Rock', 'Pulaski', '72201', 34.74, -92.32, 'KLIT']]],
  ['KS', 0.3, 'Central', [['Wichita', 'Sedgwick', '67202', 37.69, -97.33, 'KICT']]],
  ['NV', 0.3, 'Pacific', [['Las Vegas', 'Clark', '89101', 36.16, -115.15, 'KVGT']]],
  ['DC', 0.2, 'Eastern', [['Washington', 'District of Columbia', '20001', 38.91, -77.02, 'KDCA']]],
  ['RI', 0.2, 'Eastern', [['Cranston', 'Providence', '02910', 41.77, -71.46, 'KPVD']]],
  ['MS', 0.2, 'Central', [['Jackson', 'Hinds', '39201', 32.32, -90.2, 'KJAN']]],
  ['DE', 0.2, 'Eastern', [['Dover', 'Kent', '19901', 39.16, -75.54, 'KDOV']]],
  ['WV', 0.2, 'Eastern', [['Charleston', 'Kanawha', '25301', 38.36, -81.65, 'KCRW']]],
  ['ID', 0.2, 'Mountain', [['Boise', 'Ada', '83702', 43.61, -116.22, 'KBOI']]],
  ['NM', 0.2, 'Mountain', [['Albuquerque', 'Bernalillo', '87102', 35.09, -106.63, 'KABQ']]],
  ['NH', 0.15, 'Eastern', [['Concord', 'Merrimack', '03301', 43.22, -71.55, 'KCON']]],
  ['WY', 0.1, 'Mountain', [['Casper', 'Natrona', '82601', 42.84, -106.32, 'KCPR']]],
  ['ND', 0.1, 'Central', [['Bismarck', 'Burleigh', '58501', 46.82, -100.77, 'KBIS']]],
  ['ME', 0.05, 'Eastern', [['Augusta', 'Kennebec', '04330', 44.32, -69.79, 'KAUG']]],
  ['VT', 0.02, 'Eastern', [['Montpelier', 'Washington', '05602', 44.27, -72.57, 'KMPV']]],
  ['SD', 0.01, 'Central', [['Pierre', 'Hughes', '57501', 44.37, -100.32, 'KPIR']]],
]

/** The first city of a state has as much as all its others. */
const placed: [Place, number][] = STATES.flatMap(([state, share, zone, cities]) =>
  cities.map(([city, county, zip, lat, lng, airport], i): [Place, number] => [
    { state, city, county, zip, lat, lng, zone: `US/${zone}`, airport },
    cities.length === 1 ? share : i === 0 ? share / 2 : share / 2 / (cities.length - 1),
  ]),
)

export const PLACES: readonly Place[] = placed.map(([place]) => place)

export const STATE_SHARES: ReadonlyMap<string, number> = new Map(
  STATES.map(([state, share]) => [state, share]),
)

/** The place for a chance from 0 to 1, by the shares of the states. */
export const placeAt = weighted(placed)

const NEIGHBOURS = 3
/** The nearest other cities of each: where its roads lead. */
const neighboursOf = new Map(
  PLACES.map((place): [Place, Place[]] => {
    const distance = (other: Place) => Math.hypot(other.lat - place.lat, other.lng - place.lng)
    const others = PLACES.filter((other) => other !== place)
    return [place, others.sort((a, b) => distance(a) - distance(b)).slice(0, NEIGHBOURS)]
  }),
)

/** A spot of the city itself, of its outskirts, or along one of the roads that lead out of it, up to half way. */
export function drawSpot(random: Random, place: Place): { lat: number; lng: number } {
  if (random.next() < IN_CITY_SHARE) return place
  const to = random.next() < ON_ROAD_SHARE ? random.pick(neighboursOf.get(place) ?? [place]) : place
  const way = random.next() / 2
  const spread = to === place ? OUTSKIRTS_DEGREES : BESIDE_ROAD_DEGREES
  const beside = () => (random.next() + random.next() - 1) * spread
  return {
    lat: place.lat + (to.lat - place.lat) * way + beside(),
    lng: place.lng + (to.lng - place.lng) * way + beside(),
  }
}
