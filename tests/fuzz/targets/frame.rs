//! Hands libFuzzer's inputs to the property `assay_fuzz::bytes::frame`; it asserts nothing itself.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _means_something = assay_fuzz::bytes::frame(data);
});
