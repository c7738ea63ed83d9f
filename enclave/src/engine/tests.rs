//! The config text says what the engines have, and code of one engine is accepted by the other.

use super::*;

fn stated(name: &str) -> String {
    let text = config_text();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} = ")));
    line.unwrap_or_else(|| panic!("{name} is missing in\n{text}"))
        .to_owned()
}

/// Compares one line with the value of an engine, written in lower case.
fn agrees(name: &str, value: impl std::fmt::Debug) {
    assert_eq!(format!("{value:?}").to_lowercase(), stated(name), "{name}");
}

#[test]
fn the_config_text_has_each_name_once_and_in_order() {
    let text = config_text();
    let names: Vec<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.split(" = ").next().unwrap())
        .collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{text}");
}

#[test]
fn the_config_id_is_the_digest_of_the_text() {
    assert_eq!(
        runtime().config_sha256,
        Digest::of(config_text().as_bytes())
    );
}

#[test]
fn the_text_states_what_the_compiling_engine_has() {
    let engine = compiling().unwrap();
    agrees(
        "cranelift.debug-verifier",
        engine.get_cranelift_debug_verifier().unwrap(),
    );
    agrees(
        "cranelift.nan-canonicalization",
        engine.get_cranelift_nan_canonicalization().unwrap(),
    );
    assert!(matches!(
        engine.get_cranelift_opt_level(),
        Some(OptLevel::Speed)
    ));
    assert!(matches!(engine.get_strategy(), Some(Strategy::Cranelift)));
    let mut flags: Vec<&str> = engine.get_cranelift_flags_enabled().collect();
    flags.sort_unstable();
    for flag in stated("cranelift.flags").split(' ') {
        assert!(flags.contains(&flag), "{flag} is not on: {flags:?}");
    }
    assert_eq!(engine.get_target().unwrap(), stated("engine.target"));
    agrees(
        "engine.native-unwind-info",
        engine.get_native_unwind_info().unwrap(),
    );
}

#[test]
fn the_text_states_what_both_engines_have() {
    for engine in [compiling().unwrap(), running().unwrap()] {
        agrees(
            "engine.concurrency-support",
            engine.get_concurrency_support(),
        );
        agrees("engine.consume-fuel", engine.get_consume_fuel());
        agrees("engine.epoch-interruption", engine.get_epoch_interruption());
        agrees(
            "engine.generate-address-map",
            engine.get_generate_address_map(),
        );
        agrees(
            "engine.guard-before-linear-memory",
            engine.get_guard_before_linear_memory(),
        );
        agrees("engine.max-wasm-stack", engine.get_max_wasm_stack());
        agrees(
            "engine.memory-guaranteed-dense-image-size",
            engine.get_memory_guaranteed_dense_image_size(),
        );
        agrees("engine.memory-init-cow", engine.get_memory_init_cow());
        agrees("engine.shared-memory", engine.get_shared_memory());
        agrees(
            "engine.signals-based-traps",
            engine.get_signals_based_traps(),
        );
        assert_eq!(
            format!("{:#x}", engine.get_wasm_features().bits()),
            stated("engine.wasm-features")
        );
    }
}

#[test]
fn the_text_states_what_the_pool_has() {
    let engine = running().unwrap();
    let pool = engine.get_pooling_config().unwrap();
    agrees("pool.decommit-batch-size", pool.get_decommit_batch_size());
    agrees(
        "pool.linear-memory-keep-resident",
        pool.get_memory_keep_resident(),
    );
    agrees(
        "pool.max-component-instance-size",
        pool.get_max_component_instance_size(),
    );
    agrees(
        "pool.max-core-instance-size",
        pool.get_max_core_instance_size(),
    );
    agrees(
        "pool.max-core-instances-per-component",
        pool.get_max_core_instances_per_component(),
    );
    agrees(
        "pool.max-memories-per-component",
        pool.get_max_memories_per_component(),
    );
    agrees(
        "pool.max-memories-per-module",
        pool.get_max_memories_per_module(),
    );
    agrees("pool.max-memory-size", pool.get_max_memory_size());
    agrees(
        "pool.max-tables-per-component",
        pool.get_max_tables_per_component(),
    );
    agrees(
        "pool.max-tables-per-module",
        pool.get_max_tables_per_module(),
    );
    agrees(
        "pool.max-unused-warm-slots",
        pool.get_max_unused_warm_slots(),
    );
    agrees("pool.pagemap-scan", pool.get_pagemap_scan());
    agrees("pool.table-elements", pool.get_table_elements());
    agrees("pool.table-keep-resident", pool.get_table_keep_resident());
    agrees(
        "pool.total-component-instances",
        pool.get_total_component_instances(),
    );
    agrees("pool.total-core-instances", pool.get_total_core_instances());
    agrees("pool.total-memories", pool.get_total_memories());
    agrees("pool.total-tables", pool.get_total_tables());
}

#[test]
fn the_stated_version_is_the_one_that_is_linked() {
    let lock = include_str!("../../../Cargo.lock");
    let linked = format!("name = \"wasmtime\"\nversion = \"{VERSION}\"\n");
    assert!(
        lock.contains(&linked),
        "Cargo.lock does not hold wasmtime {VERSION}"
    );
}

#[test]
fn code_of_the_compiling_engine_is_accepted_by_the_running_one() {
    let component = wat::parse_str("(component)").unwrap();
    let image = compiling()
        .unwrap()
        .precompile_component(&component)
        .unwrap();
    let file = crate::blob::sealed("test", &image).unwrap();
    let image = crate::blob::AuthenticImage::open(&file, Digest::of(&image)).unwrap();
    assert!(native::load(&running().unwrap(), &image).is_ok());
}
