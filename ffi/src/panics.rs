//! What happens on a panic: there is none, and the build with `prove-no-panic` shows it.

use core::panic::PanicInfo;

// Without an operating system there is no C library to be had; elsewhere this brings in memcpy and its like.
#[cfg(not(target_os = "none"))]
#[link(name = "c")]
unsafe extern "C" {}

/// Never runs. Referring to a function that does not exist makes every program fail to link in which a panic is left.
#[cfg(feature = "prove-no-panic")]
#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn keyholder_has_a_panic_left() -> !;
    }
    // SAFETY: cannot be reached in a program that has been linked.
    unsafe { keyholder_has_a_panic_left() }
}

/// Never runs in an optimised build. In any other it stops here, for the watchdog: a device that has lost its way must not go on deciding.
#[cfg(not(feature = "prove-no-panic"))]
#[panic_handler]
fn panicked(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Panics, for the proof to show that it can fail: `tests/with_a_panic.c` must not link.
#[cfg(feature = "prove-no-panic")]
#[unsafe(no_mangle)]
#[expect(clippy::indexing_slicing, reason = "this is the panic")]
extern "C" fn keyholder_panics(index: usize) -> u8 {
    b"keyholder"[index]
}
