//! Milliseconds since the start, from the machine's first timer.

use core::cell::Cell;

const VALUE: *const u32 = 0x4000_0004 as *const u32;
const RELOAD: *mut u32 = 0x4000_0008 as *mut u32;
const CONTROL: *mut u32 = 0x4000_0000 as *mut u32;
const TICKS_PER_MILLISECOND: u32 = 25_000;

/// Counts milliseconds. Has to be looked at every two minutes at least: the timer wraps around.
pub struct Timer {
    last: Cell<u32>,
    /// Ticks that are not a whole millisecond yet.
    rest: Cell<u32>,
    milliseconds: Cell<u32>,
}

impl Timer {
    /// Starts the timer.
    ///
    /// # Safety
    /// Nobody else may use it.
    pub unsafe fn start() -> Self {
        // SAFETY: these are the timer's registers, and it is the caller's.
        unsafe {
            RELOAD.write_volatile(u32::MAX);
            CONTROL.write_volatile(1);
        }
        Self { last: Cell::new(u32::MAX), rest: Cell::new(0), milliseconds: Cell::new(0) }
    }

    /// Milliseconds since the start; wraps around.
    pub fn milliseconds(&self) -> u32 {
        // SAFETY: this is the timer's register.
        let now = unsafe { VALUE.read_volatile() };
        // It counts down.
        let ticks = self.last.replace(now).wrapping_sub(now);
        let ticks = ticks.saturating_add(self.rest.get());
        self.rest.set(ticks % TICKS_PER_MILLISECOND);
        let milliseconds = self.milliseconds.get().wrapping_add(ticks / TICKS_PER_MILLISECOND);
        self.milliseconds.set(milliseconds);
        milliseconds
    }
}
