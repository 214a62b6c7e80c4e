package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.ExpiringListAppend;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.state.AggregatingState;
import io.lsmdb.state.KeyGroups;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.ListState;
import io.lsmdb.state.MapState;
import io.lsmdb.state.Serializers;
import io.lsmdb.state.ValueState;
import io.lsmdb.testing.MemFileSystem;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each public method, given null for each of its arguments in turn, says which one it was;
 * arguments that are {@link Nullable} are left out.
 */
class NullArgumentsTest {
  private static final byte[] KEY = bytes("k");

  private static boolean mayBeNull(ApiCalls.Call call, int index) {
    return call.method().getParameterTypes()[index].isPrimitive()
        || call.method().getAnnotatedParameterTypes()[index].isAnnotationPresent(Nullable.class);
  }

  private static void check(ApiCalls.Call call, int index) {
    Object[] arguments = call.arguments();
    arguments[index] = null;
    assertNamed(assertThrows(NullPointerException.class, () -> call.run(arguments)));
  }

  private static void assertNamed(NullPointerException thrown) {
    String message = String.valueOf(thrown.getMessage());
    assertTrue(message.matches("[a-z]\\w*( .*)?") && !message.contains("null"), message);
  }

  @TestFactory
  List<DynamicTest> everyNullIsNamed() {
    Db db = TestStores.open(new MemFileSystem());
    ColumnFamily family = db.createColumnFamily("family");
    ColumnFamily lists =
        db.createColumnFamily(
            "lists",
            ColumnFamilyOptions.builder().mergeOperator(ExpiringListAppend.OPERATOR).build());
    ColumnFamily sums =
        db.createColumnFamily(
            "sums", ColumnFamilyOptions.builder().mergeOperator(LongOperator.SUM).build());
    db.put(KEY, KEY);
    family.put(KEY, KEY);
    List<ApiCalls.Call> calls = new ArrayList<>();
    calls.addAll(ApiCalls.of(Db.class, db, lists));
    calls.addAll(ApiCalls.of(ColumnFamily.class, lists, family));
    Snapshot snapshot = db.snapshot();
    calls.addAll(ApiCalls.of(Snapshot.class, snapshot, family));
    calls.addAll(ApiCalls.of(ReadView.class, snapshot.of(family), family));
    DbIterator cursor = db.iterate();
    cursor.seekToFirst();
    calls.addAll(ApiCalls.of(DbIterator.class, cursor, family));
    calls.addAll(ApiCalls.of(WriteBatch.class, new WriteBatch(), family));
    calls.addAll(ApiCalls.of(IndexedWriteBatch.class, new IndexedWriteBatch(), lists));
    for (Object builder :
        List.of(
            DbOptions.builder(),
            ColumnFamilyOptions.builder(),
            WriteOptions.builder(),
            ReadOptions.builder(),
            CompactionStyle.fifo(),
            CompactionStyle.universal())) {
      calls.addAll(ApiCalls.of(builder.getClass(), builder, family));
    }
    calls.addAll(views(db, family, lists, sums));
    List<DynamicTest> tests = new ArrayList<>();
    for (ApiCalls.Call call : calls) {
      for (int i = 0; i < call.method().getParameterCount(); i++) {
        int index = i;
        if (!mayBeNull(call, index)) {
          tests.add(DynamicTest.dynamicTest(call + " argument " + index, () -> check(call, index)));
        }
      }
    }
    return tests;
  }

  private static List<ApiCalls.Call> views(
      Db db, ColumnFamily values, ColumnFamily lists, ColumnFamily sums) {
    KeyedFamily<String> keyed = new KeyedFamily<>(db, values, Serializers.STRING);
    List<ApiCalls.Call> calls = new ArrayList<>();
    for (Object view :
        List.of(
            keyed,
            new ValueState<>(keyed, Serializers.STRING),
            new MapState<>(keyed, Serializers.STRING, Serializers.STRING),
            new ListState<>(new KeyedFamily<>(db, lists, Serializers.STRING), Serializers.STRING),
            AggregatingState.ofLongs(
                new KeyedFamily<>(db, sums, Serializers.STRING), LongOperator.SUM))) {
      calls.addAll(ApiCalls.of(view.getClass(), view, values));
    }
    return calls;
  }

  @TestFactory
  List<DynamicTest> everyNullOfAConstructorOfAViewIsNamed() {
    Db db = TestStores.open(new MemFileSystem());
    ColumnFamily family = db.defaultColumnFamily();
    KeyedFamily<String> keyed = new KeyedFamily<>(db, family, Serializers.STRING);
    Map<Class<?>, Object> arguments =
        Map.of(
            Db.class,
            db,
            ColumnFamily.class,
            family,
            KeyedFamily.class,
            keyed,
            io.lsmdb.state.Serializer.class,
            Serializers.STRING,
            KeyGroups.class,
            KeyGroups.NONE,
            WriteOptions.class,
            WriteOptions.BUFFERED);
    List<DynamicTest> tests = new ArrayList<>();
    for (Class<?> view : List.of(KeyedFamily.class, ValueState.class, MapState.class)) {
      for (Constructor<?> constructor : view.getConstructors()) {
        for (int i = 0; i < constructor.getParameterCount(); i++) {
          int index = i;
          Object[] given = new Object[constructor.getParameterCount()];
          for (int j = 0; j < given.length; j++) {
            given[j] = j == index ? null : arguments.get(constructor.getParameterTypes()[j]);
          }
          tests.add(
              DynamicTest.dynamicTest(
                  constructor + " argument " + index,
                  () ->
                      assertNamed(
                          (NullPointerException)
                              assertThrows(
                                      java.lang.reflect.InvocationTargetException.class,
                                      () -> constructor.newInstance(given))
                                  .getCause())));
        }
      }
    }
    return tests;
  }
}
