package roadpulse.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * A view in a file of its own, {@code sql/<name>.sql}: one statement that creates the view of that
 * name.
 */
final class SqlView {

  private SqlView() {}

  static void create(StreamTableEnvironment tables, String name) {
    tables.executeSql(read("/sql/" + name + ".sql"));
  }

  private static String read(String resource) {
    try (InputStream in = SqlView.class.getResourceAsStream(resource)) {
      if (in == null) throw new IllegalStateException(resource + " is not in the jar");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read", e);
    }
  }
}
