//! What a reader sees in a real browser: the board, its sorting, a receipt, its check; with scripts and without.

mod board;
mod driver;
mod islands;
mod reader;
mod verify;
