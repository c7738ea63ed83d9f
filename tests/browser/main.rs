//! What a reader sees in a real browser: the board, its sorting, a receipt; with scripts and without.

mod board;
mod driver;
mod islands;
