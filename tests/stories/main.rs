//! What Assay promises, told as stories: each sets up a real station and does what its users do.

mod api;
mod audit;
mod bad_input;
mod canary;
mod command_line;
mod crash;
mod demo;
mod forms;
mod item;
mod killed;
mod log;
mod replayed;
mod restored;
mod reveal;
mod rotation;
mod station;
mod submit;
mod terminal;
mod try_out;
mod witness;
