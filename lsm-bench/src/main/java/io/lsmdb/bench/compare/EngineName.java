package io.lsmdb.bench.compare;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The engines of the comparison, named as on the command line and in the reports.
 *
 * <p>An engine's classes are loaded only when it is opened.
 */
enum EngineName {
  LSMDB("lsmdb", "io.lsmdb:lsm-core", "io.lsmdb.Db", true),
  ROCKSDB("rocksdb", Artifact.ROCKSDB, Marker.ROCKSDB, true),
  ROCKSDB_HASH("rocksdb-hash", Artifact.ROCKSDB, Marker.ROCKSDB, true),
  ROCKSDB_FLINK("rocksdb-flink", Artifact.ROCKSDB, Marker.ROCKSDB, false),
  ROCKSDB_KAFKA_STREAMS("rocksdb-kafka-streams", Artifact.ROCKSDB, Marker.ROCKSDB, false),
  LEVELDB("leveldb", "org.iq80.leveldb:leveldb:0.12", "org.iq80.leveldb.DB", true),
  MVSTORE("mvstore", "com.h2database:h2-mvstore:2.4.240", "org.h2.mvstore.MVStore", false),
  LMDB("lmdb", "org.lmdbjava:lmdbjava:0.9.1", "org.lmdbjava.Env", true),
  XODUS(
      "xodus",
      "org.jetbrains.xodus:xodus-environment:2.0.1",
      "jetbrains.exodus.env.Environment",
      true);

  private final String text;
  private final String artifact;
  private final String marker;
  private final boolean keepsWritesOnKill;

  EngineName(String text, String artifact, String marker, boolean keepsWritesOnKill) {
    this.text = text;
    this.artifact = artifact;
    this.marker = marker;
    this.keepsWritesOnKill = keepsWritesOnKill;
  }

  /** Maven coordinates of the classes. */
  String artifact() {
    return artifact;
  }

  /** Whether a class path has the engine's classes; its native library may still fail to load. */
  boolean isOn(ClassLoader classPath) {
    return classPath.getResource(marker.replace('.', '/') + ".class") != null;
  }

  /** Whether buffered writes are to survive the death of the process. */
  boolean keepsWritesOnKill() {
    return keepsWritesOnKill;
  }

  /** Whether it is a variant of RocksDB. */
  boolean isRocksDb() {
    return marker.equals(Marker.ROCKSDB);
  }

  BenchEngine.Opener opener() {
    return switch (this) {
      case LSMDB -> LsmdbEngine::new;
      case ROCKSDB -> RocksFlavor.TUNED::open;
      case ROCKSDB_HASH -> RocksFlavor.HASHED::open;
      case ROCKSDB_FLINK -> RocksFlavor.FLINK::open;
      case ROCKSDB_KAFKA_STREAMS -> RocksFlavor.KAFKA_STREAMS::open;
      case LEVELDB -> LevelDbEngine::new;
      case MVSTORE -> MvStoreEngine::new;
      case LMDB -> LmdbEngine::new;
      case XODUS -> XodusEngine::new;
    };
  }

  @Override
  public String toString() {
    return text;
  }

  /** The engine of that name; throws when there is none. */
  static EngineName of(String text) {
    return Arrays.stream(values())
        .filter(engine -> engine.text.equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'" + text + "' is none of " + Arrays.toString(values())));
  }

  /** For options. */
  static final class Converter implements ITypeConverter<EngineName> {
    @Override
    public EngineName convert(String text) {
      try {
        return of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  private static final class Artifact {
    static final String ROCKSDB = "org.rocksdb:rocksdbjni:10.4.2:jar:linux64";
  }

  private static final class Marker {
    static final String ROCKSDB = "org.rocksdb.RocksDB";
  }
}
