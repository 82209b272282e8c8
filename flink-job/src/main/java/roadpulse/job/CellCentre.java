package roadpulse.job;

import com.uber.h3core.H3Core;
import com.uber.h3core.util.LatLng;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Where the centre of an H3 cell lies, in degrees. It follows from the index of the cell. */
record CellCentre(double lat, double lng) {

  private static final H3Core H3 = load();

  private static final double DECIMALS = 1e6;

  static CellCentre of(String cell) {
    LatLng centre = H3.cellToLatLng(cell);
    return new CellCentre(rounded(centre.lat), rounded(centre.lng));
  }

  /** To a tenth of a metre. */
  private static double rounded(double degrees) {
    return Math.round(degrees * DECIMALS) / DECIMALS;
  }

  private static H3Core load() {
    try {
      return H3Core.newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException("H3's native library cannot be loaded", e);
    }
  }
}
