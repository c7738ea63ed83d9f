//! What Assay promises, told as stories: each sets up a real station and does what its users do.

mod api;
mod audit;
mod bad_input;
mod command_line;
mod crash;
mod demo;
mod forms;
mod killed;
mod restored;
mod rotation;
mod submit;
mod try_out;
