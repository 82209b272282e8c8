import {
  FrameGeometrySourceBuilder,
  FrameGeometrySourceMode,
  MapLayerOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  ControlsOptionsBuilder,
  MapCenterID,
  MapViewConfigBuilder,
  PanelBuilder,
} from '@grafana/grafana-foundation-sdk/geomap'

/** The contiguous United States fill it. */
const VIEW = { lat: 39, lon: -97, zoom: 4 }

/**
 * A circle for each series, at its labels `lat` and `lon`, as large as its value. Below lies what the Grafana has as its
 * own map: Managed Grafana the tiles of AWS, which it allows no other than; the others CARTO's, which they fetch. Without
 * tiles the circles are still in their places.
 */
export function mapBuilder(): PanelBuilder {
  return (
    new PanelBuilder()
      .view(new MapViewConfigBuilder().id(MapCenterID.Coords).lat(VIEW.lat).lon(VIEW.lon).zoom(VIEW.zoom))
      .controls(new ControlsOptionsBuilder().showZoom(true).showAttribution(true).mouseWheelZoom(false))
      .basemap(new MapLayerOptionsBuilder().type('default').name('Map'))
      .layers([
        new MapLayerOptionsBuilder()
          .type('markers')
          .name('Hotspots')
          .tooltip(true)
          .location(
            new FrameGeometrySourceBuilder()
              .mode(FrameGeometrySourceMode.Coords)
              .latitude('lat')
              .longitude('lon'),
          )
          .config({
            showLegend: false,
            style: {
              size: { field: 'Value', fixed: 8, min: 6, max: 24 },
              color: { fixed: 'red' },
              opacity: 0.6,
              symbol: { mode: 'fixed', fixed: 'img/icons/marker/circle.svg' },
            },
          }),
      ])
      // Labels are text, and places are numbers.
      .withTransformation({
        id: 'convertFieldType',
        options: {
          conversions: ['lat', 'lon'].map((targetField) => ({ targetField, destinationType: 'number' })),
        },
      })
  )
}
