package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a later version of the job makes of state whose classes had other fields. The earlier class
 * is told of by the serializer's snapshot alone, as in a savepoint: there one field bears another
 * name, so that it is one that the class has lost, and the class has one that is new.
 */
class PojoStateTest {

  /** The classes that the README names. */
  private static final List<Class<?>> STATE =
      List.of(
          SeenUnderKey.class,
          FeedCounts.class,
          AreaHistory.class,
          MinuteCount.class,
          OpenSurge.class,
          AreaMinute.class);

  private static final SerializerConfig CONFIG = new SerializerConfigImpl();

  static Stream<Field> fields() {
    return STATE.stream().flatMap(type -> Stream.of(type.getFields()));
  }

  @ParameterizedTest
  @MethodSource("fields")
  void aFieldLessOrMoreLosesTheOthers(Field changed) throws Exception {
    TypeSerializer<Object> now = serializerOf(changed.getDeclaringClass());
    Object kept = filled(changed.getDeclaringClass());
    byte[] snapshot = written(now.snapshotConfiguration());
    TypeSerializerSnapshot<Object> before = read(rename(snapshot, changed.getName()));

    assertThat(now.snapshotConfiguration().resolveSchemaCompatibility(before))
        .matches(TypeSerializerSchemaCompatibility::isCompatibleAfterMigration);
    DataOutputSerializer saved = new DataOutputSerializer(1024);
    now.serialize(kept, saved);
    Object restored =
        before.restoreSerializer().deserialize(new DataInputDeserializer(saved.getCopyOfBuffer()));
    for (Field field : changed.getDeclaringClass().getFields()) {
      Object expected =
          field.equals(changed)
              ? field.get(changed.getDeclaringClass().getConstructor().newInstance())
              : field.get(kept);
      assertThat(field.get(restored))
          .as(field.getName())
          .usingRecursiveComparison()
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void aFieldOfAnotherTypeIsReadAsIfItWereTheSame(Field changed) throws Exception {
    TypeSerializer<Object> now = serializerOf(changed.getDeclaringClass());
    TypeSerializerSnapshot<Object> before = read(written(now.snapshotConfiguration()));
    assertThat(withAnotherType(changed).snapshotConfiguration().resolveSchemaCompatibility(before))
        .matches(TypeSerializerSchemaCompatibility::isIncompatible);
  }

  @SuppressWarnings("unchecked")
  private static PojoTypeInfo<Object> typeOf(Class<?> type) {
    return (PojoTypeInfo<Object>) TypeInformation.of(type);
  }

  private static TypeSerializer<Object> serializerOf(Class<?> type) {
    return typeOf(type).createSerializer(CONFIG);
  }

  /** As the class would have it if that field held a text, or a number where it holds a text. */
  private static TypeSerializer<Object> withAnotherType(Field changed) {
    PojoTypeInfo<Object> type = typeOf(changed.getDeclaringClass());
    Field[] fields = new Field[type.getArity()];
    TypeSerializer<?>[] serializers = new TypeSerializer<?>[type.getArity()];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = type.getPojoFieldAt(i).getField();
      serializers[i] = type.getTypeAt(i).createSerializer(CONFIG);
      if (fields[i].equals(changed)) {
        serializers[i] =
            changed.getType() == String.class ? LongSerializer.INSTANCE : StringSerializer.INSTANCE;
      }
    }
    return new PojoSerializer<>(type.getTypeClass(), serializers, fields, CONFIG);
  }

  /** An object with a value of its own in each field. */
  private static Object filled(Class<?> type) throws ReflectiveOperationException {
    Object object = type.getConstructor().newInstance();
    int number = 1;
    for (Field field : type.getFields()) field.set(object, valueFor(field.getType(), number++));
    return object;
  }

  private static Object valueFor(Class<?> type, int number) throws ReflectiveOperationException {
    if (type == long.class) return (long) number;
    if (type == double.class) return (double) number;
    if (type == boolean.class) return true;
    if (type == String.class) return "text " + number;
    if (type == int[].class) return new int[] {number};
    if (type == long[].class) return new long[] {number};
    if (type == List.class) return List.of(filled(MinuteCount.class));
    return filled(type);
  }

  /** The field's name stands as the key of its entry, and in the entry. */
  private static byte[] rename(byte[] snapshot, String field) throws IOException {
    byte[] name = utf(field);
    byte[] other = utf(field.substring(1) + '_');
    int renamed = 0;
    for (int i = 0; i + name.length <= snapshot.length && renamed < 2; i++) {
      if (!Arrays.equals(snapshot, i, i + name.length, name, 0, name.length)) continue;
      System.arraycopy(other, 0, snapshot, i, other.length);
      renamed++;
    }
    assertThat(renamed).isEqualTo(2);
    return snapshot;
  }

  private static byte[] utf(String text) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    out.writeUTF(text);
    return out.getCopyOfBuffer();
  }

  private static byte[] written(TypeSerializerSnapshot<Object> snapshot) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1024);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, snapshot);
    return out.getCopyOfBuffer();
  }

  private static TypeSerializerSnapshot<Object> read(byte[] snapshot) throws IOException {
    return TypeSerializerSnapshot.readVersionedSnapshot(
        new DataInputDeserializer(snapshot), PojoStateTest.class.getClassLoader());
  }
}
