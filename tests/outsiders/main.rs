//! Programs that others wrote check what a real station exports: each accepts it, and refuses every copy
//! in which something was changed.
//!
//! `.ci/setup test` installs them at fixed versions. One that is absent fails its test.

#[cfg(test)]
mod checkers;
#[cfg(test)]
mod export;
#[cfg(test)]
mod in_toto;
#[cfg(test)]
mod openssl;
#[cfg(test)]
mod securesystemslib;
#[cfg(test)]
mod sigstore;
#[cfg(test)]
mod station;
