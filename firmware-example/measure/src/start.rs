//! From reset to `main`.

use core::arch::global_asm;
use core::panic::PanicInfo;

// Copies what has a value, clears what has none, and calls `main`. The instructions are those every processor has.
#[cfg(target_arch = "arm")]
global_asm!(
    ".section .vectors, \"a\", %progbits",
    ".word __stack_top",
    ".word start",
    ".rept 14",
    ".word stop",
    ".endr",
    ".section .start, \"ax\", %progbits",
    ".global start",
    ".type start, %function",
    ".thumb_func",
    "start:",
    "ldr r0, =__data_start",
    "ldr r1, =__data_end",
    "ldr r2, =__data_load",
    "b 2f",
    "1: ldr r3, [r2]",
    "str r3, [r0]",
    "adds r0, #4",
    "adds r2, #4",
    "2: cmp r0, r1",
    "blo 1b",
    "ldr r0, =__bss_start",
    "ldr r1, =__bss_end",
    "movs r2, #0",
    "b 4f",
    "3: str r2, [r0]",
    "adds r0, #4",
    "4: cmp r0, r1",
    "blo 3b",
    "bl main",
    ".global stop",
    ".type stop, %function",
    ".thumb_func",
    "stop: b stop",
    ".pool",
);
#[cfg(target_arch = "riscv32")]
global_asm!(
    ".section .start, \"ax\", @progbits",
    ".global start",
    ".type start, @function",
    "start:",
    "la sp, __stack_top",
    "la a0, __data_start",
    "la a1, __data_end",
    "la a2, __data_load",
    "j 2f",
    "1: lw a3, 0(a2)",
    "sw a3, 0(a0)",
    "addi a0, a0, 4",
    "addi a2, a2, 4",
    "2: bltu a0, a1, 1b",
    "la a0, __bss_start",
    "la a1, __bss_end",
    "j 4f",
    "3: sw zero, 0(a0)",
    "addi a0, a0, 4",
    "4: bltu a0, a1, 3b",
    "call main",
    ".global stop",
    ".type stop, @function",
    "stop: j stop",
);

unsafe extern "C" {
    fn stop() -> !;
}

/// Where every panic would end. The symbol is what the ELF is searched for: it is there if anything that is linked can panic.
#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn keyholder_has_a_panic_left() -> ! {
    // SAFETY: an endless loop.
    unsafe { stop() }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    keyholder_has_a_panic_left()
}
