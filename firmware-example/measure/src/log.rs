//! A log in memory that a debug probe reads (SEGGER's RTT, one channel), and the critical section it takes.
//!
//! `defmt-rtt` does the same, but has a branch that panics when a log line is written while another one is.

use core::arch::asm;
use core::cell::UnsafeCell;

/// Bytes of the channel.
const LENGTH: usize = 128;

/// What a probe searches memory for. Its layout is SEGGER's.
#[repr(C)]
struct Control {
    name: [u8; 16],
    channels_up: u32,
    channels_down: u32,
    label: *const u8,
    buffer: *mut u8,
    length: u32,
    written: u32,
    read: u32,
    mode: u32,
}

struct Shared<T>(UnsafeCell<T>);

// SAFETY: the log alone uses it, with interrupts off, on one core.
unsafe impl<T> Sync for Shared<T> {}

static BUFFER: Shared<[u8; LENGTH]> = Shared(UnsafeCell::new([0; LENGTH]));

#[unsafe(no_mangle)]
static _SEGGER_RTT: Shared<Control> = Shared(UnsafeCell::new(Control {
    name: *b"SEGGER RTT\0\0\0\0\0\0",
    channels_up: 1,
    channels_down: 0,
    label: c"defmt".as_ptr().cast(),
    buffer: BUFFER.0.get().cast(),
    length: LENGTH as u32,
    written: 0,
    read: 0,
    mode: 0,
}));

static ENCODER: Shared<defmt::Encoder> = Shared(UnsafeCell::new(defmt::Encoder::new()));

/// Drops what does not fit: whoever logs never waits for whoever reads.
fn put(bytes: &[u8]) {
    let (control, buffer) = (_SEGGER_RTT.0.get(), BUFFER.0.get().cast::<u8>());
    for byte in bytes {
        // SAFETY: interrupts are off; the index is below the length.
        unsafe {
            let written = (*control).written;
            let next = (written + 1) % LENGTH as u32;
            if next == (&raw const (*control).read).read_volatile() {
                return;
            }
            buffer.add(written as usize % LENGTH).write_volatile(*byte);
            (&raw mut (*control).written).write_volatile(next);
        }
    }
}

fn interrupts_off() {
    // SAFETY: turns interrupts off, no more.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!("cpsid i");
    }
    // SAFETY: the same.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!("csrci mstatus, 8");
    }
}

fn interrupts_on() {
    // SAFETY: turns interrupts on, no more.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!("cpsie i");
    }
    // SAFETY: the same.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!("csrsi mstatus, 8");
    }
}

#[defmt::global_logger]
struct Log;

// SAFETY: with interrupts off between `acquire` and `release` nothing else runs on the one core, and nothing in between logs.
unsafe impl defmt::Logger for Log {
    fn acquire() {
        interrupts_off();
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).start_frame(put) };
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).end_frame(put) };
        interrupts_on();
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: as above.
        unsafe { (*ENCODER.0.get()).write(bytes, put) };
    }
}
