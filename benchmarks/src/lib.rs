//! What a benchmark is: packs, forms, items, graders, estimates, boards. Pure functions of bytes.
//!
//! No I/O, no clock, no randomness of its own: a draw is a function of its seed. It knows nothing
//! of runs, processes or pages.

pub mod board;
mod catalogue;
mod draw;
mod expression;
mod family;
pub mod fault;
pub mod form;
pub mod grade;
pub mod item;
pub mod locale;
pub mod pack;
mod rational;
mod scope;
pub mod score;
mod template;
pub mod terms;
mod text;
pub mod wilson;

pub use draw::{DrawError, FORM_BYTES_MAX, Obstacle, TRIES_MAX};
pub use expression::EvaluationError;
pub use scope::FillError;
pub use text::{LINE_TEXT_BYTES_MAX, PROMPT_BYTES_MAX};
