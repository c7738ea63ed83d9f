//! What one instance may have of memory and tables, summed over all it has of either.
//!
//! The engine's own limiter counts each memory alone. This one decides by constants only, never by
//! what the machine has left, and a refusal ends the item instead of telling the guest.

use wasmtime::ResourceLimiter;

use crate::{engine, limits};

const PAGE_BYTES: u64 = 64 * 1024;

/// The budget of memory or table elements refused.
#[derive(Debug, thiserror::Error)]
#[error("memory or table budget used up")]
pub struct BudgetRefused;

/// Remaining budget of one store, and its peak.
pub struct Budget {
    memory_bytes_left: u64,
    memory_bytes_asked: u64,
    table_elements_left: u64,
    table_elements_asked: u64,
}

impl Budget {
    /// The whole budget of the lane.
    pub fn new() -> Self {
        Self {
            memory_bytes_left: limits::MEMORY_BYTES,
            memory_bytes_asked: 0,
            table_elements_left: limits::TABLE_ELEMENTS,
            table_elements_asked: 0,
        }
    }

    /// Most linear memory so far, in pages. Memory never shrinks, so it is also the present size.
    pub fn peak_pages(&self) -> u32 {
        ((limits::MEMORY_BYTES - self.memory_bytes_left) / PAGE_BYTES) as u32
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory_bytes_asked = take(&mut self.memory_bytes_left, current, desired)?;
        Ok(true)
    }

    /// The module's own maximum refused: the guest is told, and what it asked for is given back.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory_bytes_left += std::mem::take(&mut self.memory_bytes_asked);
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.table_elements_asked = take(&mut self.table_elements_left, current, desired)?;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.table_elements_left += std::mem::take(&mut self.table_elements_asked);
        Ok(())
    }

    fn instances(&self) -> usize {
        engine::STORE_INSTANCES
    }

    fn tables(&self) -> usize {
        engine::STORE_TABLES
    }

    fn memories(&self) -> usize {
        engine::STORE_MEMORIES
    }
}

/// Takes the growth off what is left and returns it.
fn take(left: &mut u64, current: usize, desired: usize) -> wasmtime::Result<u64> {
    let growth = desired.saturating_sub(current) as u64;
    *left = left.checked_sub(growth).ok_or(BudgetRefused)?;
    Ok(growth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_share_one_budget() {
        let mut budget = Budget::new();
        let most = limits::MEMORY_BYTES as usize;
        assert!(budget.memory_growing(0, most / 2, None).unwrap());
        assert!(budget.memory_growing(0, most / 2, None).unwrap());
        let refused = budget.memory_growing(most / 2, most / 2 + PAGE_BYTES as usize, None);
        assert!(refused.unwrap_err().is::<BudgetRefused>());
        assert_eq!(
            u64::from(budget.peak_pages()) * PAGE_BYTES,
            limits::MEMORY_BYTES
        );
    }

    #[test]
    fn tables_share_one_budget() {
        let mut budget = Budget::new();
        assert!(budget.table_growing(0, 20_000, None).unwrap());
        assert!(budget.table_growing(0, 20_000, None).unwrap());
        assert!(
            budget
                .table_growing(0, 1, None)
                .unwrap_err()
                .is::<BudgetRefused>()
        );
    }

    #[test]
    fn a_growth_that_the_module_forbids_is_given_back() {
        let mut budget = Budget::new();
        assert!(budget.memory_growing(0, 65_536, Some(0)).unwrap());
        budget
            .memory_grow_failed(wasmtime::Error::msg("maximum"))
            .unwrap();
        assert_eq!(budget.peak_pages(), 0);
    }

    #[test]
    fn growing_by_nothing_is_free() {
        let mut budget = Budget::new();
        for _ in 0..10_000 {
            assert!(budget.memory_growing(65_536, 65_536, None).unwrap());
        }
        assert_eq!(budget.peak_pages(), 0);
    }
}
