//! The server of a station: it keeps the record. It holds no item text, no answers and no enclave key.
//!
//! The core is [`station::Station`]; `http` and `cli` talk to it. Only `store` knows SQL, only `http`
//! knows HTTP, only `config` reads the environment, only `clock` reads the clock.

pub mod audit;
pub mod blob;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod contradictions;
pub mod demo;
pub mod enclave_client;
pub mod entropy;
mod exchange;
pub mod federation;
mod fetch;
mod folder;
pub mod http;
pub mod id;
mod job;
pub mod log;
pub mod packs;
pub mod peers;
mod public;
mod run;
pub mod seal;
pub mod station;
mod station_files;
pub mod station_init;
pub mod station_keys;
mod station_rotation;
pub mod store;
pub mod token;
pub mod views;
mod whole;
pub mod witness;
