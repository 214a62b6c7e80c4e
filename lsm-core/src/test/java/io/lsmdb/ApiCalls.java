package io.lsmdb;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Calls of public methods by reflection, with arguments that suit their types, so that a test of
 * all methods misses none that is added later. Stateless.
 */
final class ApiCalls {
  private ApiCalls() {}

  /** A method of a public type, as it is called on one object. */
  record Call(Object target, Method method, ColumnFamily family) {
    /** Calls the method; throws what it throws. */
    void run() throws Throwable {
      run(arguments());
    }

    void run(Object[] arguments) throws Throwable {
      try {
        Object result = method.invoke(target, arguments);
        if (result instanceof AutoCloseable closeable && result != target) {
          closeable.close();
        }
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    Object[] arguments() {
      return Arrays.stream(method.getGenericParameterTypes())
          .map(type -> argument(type, family))
          .toArray();
    }

    @Override
    public String toString() {
      return method.getDeclaringClass().getSimpleName()
          + "."
          + method.getName()
          + Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList();
    }
  }

  /** All public instance methods of a type but those of Object, in a fixed order. */
  static List<Call> of(Class<?> type, Object target, ColumnFamily family) {
    List<Call> calls = new ArrayList<>();
    for (Method method : type.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers())
          && !method.isBridge()
          && method.getDeclaringClass() != Object.class) {
        method.setAccessible(true);
        calls.add(new Call(target, method, family));
      }
    }
    calls.sort(Comparator.comparing(Call::toString));
    return calls;
  }

  /** Those that take a family. */
  static List<Call> withFamily(Class<?> type, Object target, ColumnFamily family) {
    return of(type, target, family).stream()
        .filter(
            call ->
                call.method().toGenericString().contains(ColumnFamily.class.getName() + ",")
                    || call.method().toGenericString().contains(ColumnFamily.class.getName() + ")")
                    || isListOfFamilies(call.method()))
        .toList();
  }

  private static boolean isListOfFamilies(Method method) {
    return Arrays.stream(method.getGenericParameterTypes()).anyMatch(ApiCalls::isListOfFamilies);
  }

  private static boolean isListOfFamilies(Type type) {
    return type instanceof ParameterizedType list
        && list.getRawType() == List.class
        && list.getActualTypeArguments()[0] == ColumnFamily.class;
  }

  private static Object argument(Type type, ColumnFamily family) {
    if (isListOfFamilies(type)) {
      return List.of(family);
    }
    if (!(type instanceof Class || type instanceof ParameterizedType)) {
      return "a key of a view";
    }
    Class<?> raw = (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
    if (raw == ColumnFamily.class) {
      return family;
    } else if (raw == byte[].class) {
      return new byte[] {'k'};
    } else if (raw == ByteBuffer.class) {
      return ByteBuffer.wrap(new byte[] {'k'});
    } else if (raw == List.class) {
      return List.of(new byte[] {'k'});
    } else if (raw == ValueReader.class) {
      return (ValueReader<Object>) ByteBuffer::remaining;
    } else if (raw == UnaryOperator.class) {
      return UnaryOperator.identity();
    } else if (raw == WriteOptions.class) {
      return WriteOptions.BUFFERED;
    } else if (raw == ReadOptions.class) {
      return ReadOptions.DEFAULT;
    } else if (raw == ColumnFamilyOptions.class) {
      return ColumnFamilyOptions.builder().build();
    } else if (raw == WriteBatch.class) {
      return new WriteBatch();
    } else if (raw == IndexedWriteBatch.class) {
      return new IndexedWriteBatch();
    } else if (raw == String.class) {
      return "a name";
    } else if (raw == int.class) {
      return 1;
    } else if (raw == long.class) {
      return 1L;
    }
    return null; // of a call with null for this argument only
  }
}
