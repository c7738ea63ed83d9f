//! The engine: one configuration for compiler and runner, and the id that receipts name it by.
//!
//! Features whose crate feature is absent (async, gc, threads, cache, profiling) are not even
//! switched off here: they do not exist in the binary. No process but a compiler sets a compiler.

use assay_evidence::{
    digest::Digest,
    record::{Lane, Runtime},
};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    Strategy, WasmFeatures,
};

use crate::{limits, native};

/// Exactly the version pinned in the manifest of the workspace.
pub const VERSION: &str = "48.0.8";
/// The one code image for all stations.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Processor features that every image may use, by their names in the code generator.
const CPU_FLAGS: [&str; 12] = [
    "has_sse3",
    "has_ssse3",
    "has_sse41",
    "has_sse42",
    "has_popcnt",
    "has_cmpxchg16b",
    "has_avx",
    "has_avx2",
    "has_bmi1",
    "has_bmi2",
    "has_lzcnt",
    "has_fma",
];
/// Call stack of the guest.
const STACK_BYTES: usize = 512 * 1024;
/// Stack of the thread that runs guests: host functions always have room above the guest's.
pub const WORKER_STACK_BYTES: usize = 4 * 1024 * 1024;
/// Instances at once: a new one never waits for the reset of the last.
const SLOTS: u32 = 2;
const CORE_INSTANCES: u32 = 128;
const MEMORIES: u32 = 4;
const TABLES: u32 = 8;
/// Elements of one table.
pub const TABLE_ELEMENTS: usize = 20_000;
/// Tables of one core module.
pub const MODULE_TABLES: u32 = 2;
/// What the engine itself needs for all instances of a component.
pub const COMPONENT_INSTANCE_BYTES: usize = 8 * 1024 * 1024;
/// What the engine itself needs for one core instance.
pub const CORE_INSTANCE_BYTES: usize = 4 * 1024 * 1024;
const DENSE_IMAGE_BYTES: u64 = 64 * 1024 * 1024;
/// WebAssembly features that are on, as the engine numbers them.
const WASM_FEATURES: u64 = 0xc_0001_987f;

/// Memories and tables a store may have, as the limiter repeats them.
pub const STORE_MEMORIES: usize = MEMORIES as usize;
/// See [`STORE_MEMORIES`].
pub const STORE_TABLES: usize = TABLES as usize;
/// See [`STORE_MEMORIES`].
pub const STORE_INSTANCES: usize = CORE_INSTANCES as usize;

/// An engine that turns components into native code and runs nothing.
pub fn compiling() -> wasmtime::Result<Engine> {
    Engine::new(&compiler_config()?)
}

/// An engine that runs native code and compiles nothing.
pub fn running() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.enable_compiler(false);
    common(&mut config)?;
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    Engine::new(&config)
}

/// Writable memory that a runner may have: freed slots keep their pages, and an image is held twice.
pub fn runner_data_bytes(image_bytes: u64) -> u64 {
    u64::from(MEMORIES * SLOTS) * limits::MEMORY_BYTES + 2 * image_bytes + 64 * 1024 * 1024
}

/// How receipts name this engine.
pub fn runtime() -> Runtime {
    Runtime {
        config_sha256: config_id(),
        lane: Lane::Sealed,
        name: "wasmtime".to_owned(),
        target: TARGET.to_owned(),
        version: VERSION.to_owned(),
    }
}

/// SHA-256 of [`config_text`].
pub fn config_id() -> Digest {
    Digest::of(config_text().as_bytes())
}

/// Every value that can change what a guest computes, one `name = value` a line, sorted.
///
/// It is made of constants, so that every role has it without an engine; the tests compare it with
/// what the engines themselves say.
pub fn config_text() -> String {
    let mut lines = engine_lines();
    lines.extend(pool_lines());
    lines.extend(lane_lines());
    lines.sort_unstable();
    let lines: Vec<String> = lines
        .iter()
        .map(|(name, value)| format!("{name} = {value}\n"))
        .collect();
    format!("assay-enclave config v1\n{}", lines.concat())
}

fn compiler_config() -> wasmtime::Result<Config> {
    let mut config = Config::new();
    common(&mut config)?;
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_debug_verifier(false)
        .cranelift_nan_canonicalization(true);
    for flag in CPU_FLAGS {
        native::enable_cpu_flag(&mut config, flag);
    }
    Ok(config)
}

fn common(config: &mut Config) -> wasmtime::Result<()> {
    config
        .target(TARGET)?
        .wasm_component_model(true)
        // The engine's own glue for composed components uses several memories and cannot be compiled
        // without; a guest's module may have one, which the screen enforces.
        .wasm_multi_memory(true)
        .wasm_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_extended_const(true)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_relaxed_simd(false)
        .wasm_branch_hinting(false)
        .wasm_stack_switching(false)
        .wasm_gc(false)
        .wasm_features(WasmFeatures::FUNCTION_REFERENCES, false)
        .gc_support(false)
        .shared_memory(false)
        .concurrency_support(false)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .memory_init_cow(true)
        .memory_guaranteed_dense_image_size(DENSE_IMAGE_BYTES)
        .signals_based_traps(true)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false);
    Ok(())
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(CORE_INSTANCES * SLOTS)
        .total_memories(MEMORIES * SLOTS)
        .total_tables(TABLES * SLOTS)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .max_memories_per_module(1)
        .max_tables_per_module(MODULE_TABLES)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(limits::MEMORY_BYTES as usize)
        .max_component_instance_size(COMPONENT_INSTANCE_BYTES)
        .max_core_instance_size(CORE_INSTANCE_BYTES)
        .max_unused_warm_slots(SLOTS)
        .decommit_batch_size(1)
        // Every dirtied page goes back to the kernel: no zeroing of ours is trusted.
        .linear_memory_keep_resident(0)
        .table_keep_resident(0)
        // The scan of this version skips dirty pages that were swapped out.
        .pagemap_scan(Enabled::No);
    pool
}

type Line = (&'static str, String);

fn engine_lines() -> Vec<Line> {
    let mut flags = CPU_FLAGS;
    flags.sort_unstable();
    let features = "component-model cranelift pooling-allocator runtime std";
    vec![
        ("cranelift.debug-verifier", "false".to_owned()),
        ("cranelift.flags", flags.join(" ")),
        ("cranelift.nan-canonicalization", "true".to_owned()),
        ("cranelift.opt-level", "speed".to_owned()),
        ("engine", "wasmtime".to_owned()),
        ("engine.cargo-features", features.to_owned()),
        ("engine.concurrency-support", "false".to_owned()),
        ("engine.consume-fuel", "true".to_owned()),
        ("engine.epoch-interruption", "true".to_owned()),
        ("engine.generate-address-map", "false".to_owned()),
        ("engine.guard-before-linear-memory", "true".to_owned()),
        ("engine.max-wasm-stack", STACK_BYTES.to_string()),
        (
            "engine.memory-guaranteed-dense-image-size",
            DENSE_IMAGE_BYTES.to_string(),
        ),
        ("engine.memory-init-cow", "true".to_owned()),
        ("engine.native-unwind-info", "false".to_owned()),
        ("engine.shared-memory", "false".to_owned()),
        ("engine.signals-based-traps", "true".to_owned()),
        ("engine.strategy", "cranelift".to_owned()),
        ("engine.target", TARGET.to_owned()),
        ("engine.version", VERSION.to_owned()),
        ("engine.wasm-features", format!("{WASM_FEATURES:#x}")),
    ]
}

fn pool_lines() -> Vec<Line> {
    vec![
        ("pool.decommit-batch-size", "1".to_owned()),
        ("pool.linear-memory-keep-resident", "0".to_owned()),
        (
            "pool.max-component-instance-size",
            COMPONENT_INSTANCE_BYTES.to_string(),
        ),
        (
            "pool.max-core-instance-size",
            CORE_INSTANCE_BYTES.to_string(),
        ),
        (
            "pool.max-core-instances-per-component",
            CORE_INSTANCES.to_string(),
        ),
        ("pool.max-memories-per-component", MEMORIES.to_string()),
        ("pool.max-memories-per-module", "1".to_owned()),
        ("pool.max-memory-size", limits::MEMORY_BYTES.to_string()),
        ("pool.max-tables-per-component", TABLES.to_string()),
        ("pool.max-tables-per-module", MODULE_TABLES.to_string()),
        ("pool.max-unused-warm-slots", SLOTS.to_string()),
        ("pool.pagemap-scan", "no".to_owned()),
        ("pool.table-elements", TABLE_ELEMENTS.to_string()),
        ("pool.table-keep-resident", "0".to_owned()),
        ("pool.total-component-instances", SLOTS.to_string()),
        (
            "pool.total-core-instances",
            (CORE_INSTANCES * SLOTS).to_string(),
        ),
        ("pool.total-memories", (MEMORIES * SLOTS).to_string()),
        ("pool.total-tables", (TABLES * SLOTS).to_string()),
    ]
}

fn lane_lines() -> Vec<Line> {
    vec![
        ("lane", "sealed".to_owned()),
        ("lane.answer-bytes", limits::ANSWER_BYTES.to_string()),
        (
            "lane.fuel-per-instance",
            limits::FUEL_PER_INSTANCE.to_string(),
        ),
        ("lane.fuel-per-item", limits::FUEL_PER_ITEM.to_string()),
        ("lane.hostcall-fuel", limits::HOSTCALL_FUEL.to_string()),
        ("lane.memory-bytes", limits::MEMORY_BYTES.to_string()),
        ("lane.prompt-bytes", limits::PROMPT_BYTES.to_string()),
        ("lane.table-elements", limits::TABLE_ELEMENTS.to_string()),
        ("lane.tick-ms", limits::TICK_MS.to_string()),
        (
            "lane.wall-ms-per-item",
            limits::WALL_MS_PER_ITEM.to_string(),
        ),
    ]
}

#[cfg(test)]
mod tests;
