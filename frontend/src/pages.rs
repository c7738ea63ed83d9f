//! The pages. Each takes its document and a locale and returns a whole HTML document.
//!
//! They await nothing and look nothing up; the same document gives the same bytes every time.

mod board;
mod home;
mod method;
mod problem;
mod receipt;
mod run;
mod station;
mod system;
mod verify;

pub use board::board;
pub use home::home;
pub use method::method;
pub use problem::problem;
pub use receipt::receipt;
pub use run::run;
pub use station::station;
pub use system::system;
pub use verify::verify;

#[cfg(test)]
mod tests;
