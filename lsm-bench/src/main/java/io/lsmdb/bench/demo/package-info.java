/**
 * The demo: the state store of a stream of purchases, checked against a plain recomputation.
 *
 * <p>Reading order: {@link io.lsmdb.bench.demo.DemoCommand} → {@link io.lsmdb.bench.demo.DemoRun} →
 * {@link io.lsmdb.bench.demo.PurchaseState}, then {@link io.lsmdb.bench.demo.ExpectedState} →
 * {@link io.lsmdb.bench.demo.Verifier}.
 */
package io.lsmdb.bench.demo;
