//! Instructions and stack of a call.
//!
//! The emulator runs with `-icount shift=10`: every instruction takes 1,024 ns of the machine's time, and a timer tells how many went by. On ARM that is the
//! first timer of the board (25 MHz, 20 MHz on the AN505), on RISC-V the processor's own counter.

use core::arch::global_asm;
use core::hint::black_box;

/// What is counted: a function with one argument.
pub type Counted = extern "C" fn(*mut ());

// `counted` reads the timer right before and right after the call. `nothing` and `thousand` are what the reading is checked with.
#[cfg(target_arch = "arm")]
global_asm!(
    ".section .text.counted, \"ax\", %progbits",
    ".global counted",
    ".type counted, %function",
    ".thumb_func",
    "counted:",
    "push {{r4, r5, r6, lr}}",
    "mov r5, r0",
    "mov r0, r1",
    "mov r6, r2",
    "ldr r4, [r6]",
    "blx r5",
    "ldr r0, [r6]",
    "subs r0, r4, r0",
    "pop {{r4, r5, r6, pc}}",
    ".global nothing",
    ".type nothing, %function",
    ".thumb_func",
    "nothing: bx lr",
    ".global thousand",
    ".type thousand, %function",
    ".thumb_func",
    "thousand:",
    ".rept 1000",
    "nop",
    ".endr",
    "bx lr",
);
#[cfg(target_arch = "riscv32")]
global_asm!(
    ".section .text.counted, \"ax\", @progbits",
    ".global counted",
    ".type counted, @function",
    "counted:",
    "addi sp, sp, -16",
    "sw ra, 12(sp)",
    "sw s0, 8(sp)",
    "mv a5, a0",
    "mv a0, a1",
    "csrr s0, minstret",
    "jalr a5",
    "csrr a0, minstret",
    "sub a0, a0, s0",
    "lw s0, 8(sp)",
    "lw ra, 12(sp)",
    "addi sp, sp, 16",
    "ret",
    ".global nothing",
    ".type nothing, @function",
    "nothing: ret",
    ".global thousand",
    ".type thousand, @function",
    "thousand:",
    ".rept 1000",
    "nop",
    ".endr",
    "ret",
);

unsafe extern "C" {
    fn counted(function: Counted, argument: *mut (), timer: *const u32) -> u32;
    /// Returns.
    safe fn nothing(argument: *mut ());
    /// Does nothing a thousand times and returns.
    safe fn thousand(argument: *mut ());
    static __stack_bottom: u8;
}

/// The timer's registers: control, value, reload. The secure alias on a processor that has one.
#[cfg(target_arch = "arm")]
const TIMER: usize = if cfg!(armv8m) { 0x5000_0000 } else { 0x4000_0000 };
/// Ticks, and the instructions in as many.
#[cfg(target_arch = "arm")]
const RATE: (u64, u64) = if cfg!(armv8m) { (1024, 50) } else { (1024, 40) };
#[cfg(target_arch = "riscv32")]
const RATE: (u64, u64) = (1, 1);

/// Ticks that a call takes.
fn ticks(function: Counted, argument: *mut ()) -> u32 {
    #[cfg(target_arch = "arm")]
    let timer = {
        let register = |offset| (TIMER + offset) as *mut u32;
        // SAFETY: the timer's registers; stopped, set to its highest value and started, so that it does not pass zero meanwhile.
        unsafe {
            register(0).write_volatile(0);
            register(8).write_volatile(u32::MAX);
            register(4).write_volatile(u32::MAX);
            register(0).write_volatile(1);
        }
        register(4)
    };
    #[cfg(target_arch = "riscv32")]
    let timer = core::ptr::null_mut();
    // SAFETY: the timer's value can be read at any time.
    unsafe { counted(function, argument, timer) }
}

/// Instructions of `function`, its return included.
pub fn instructions(function: Counted, argument: *mut ()) -> u64 {
    let (whole, part) = RATE;
    let rounded = |ticks: u32| (u64::from(ticks) * part + whole / 2) / whole;
    let reading = rounded(ticks(as_counted(nothing), core::ptr::null_mut()));
    // Of an empty function the return is its own, the rest is the reading.
    rounded(ticks(function, argument)) + 1 - reading
}

/// What the reading is checked with: 1,001 instructions.
pub fn calibration() -> u64 {
    instructions(as_counted(thousand), core::ptr::null_mut())
}

fn as_counted(function: extern "C" fn(*mut ())) -> Counted {
    black_box(function)
}

const PAINT: u32 = 0xc5c5_c5c5;

/// Bytes of stack that `function` takes from its call, if they are not more than `depth`.
#[inline(never)]
pub fn stack(function: Counted, argument: *mut (), depth: usize) -> u32 {
    let here = 0_u32;
    // What is used here and by the painting itself stays as it is.
    let top = (&raw const here as usize - 512) & !3;
    let bottom = (&raw const __stack_bottom as usize).max(top - depth);
    let bottom = (bottom + 3) & !3;
    for word in (bottom..top).step_by(4) {
        // SAFETY: the free part of the stack.
        unsafe { (word as *mut u32).write_volatile(PAINT) };
    }
    // The 512 bytes are passed by, so that the painted part begins where the call does.
    let reached = below(top, function, argument);
    for word in (bottom..top).step_by(4) {
        // SAFETY: the same.
        if unsafe { (word as *const u32).read_volatile() } != PAINT {
            return (reached - word) as u32;
        }
    }
    0
}

/// Calls `function` from so far down the stack that what it uses is painted, and tells where its stack began.
#[inline(never)]
fn below(top: usize, function: Counted, argument: *mut ()) -> usize {
    let room = [0_u32; 144];
    let room = black_box(&room);
    function(argument);
    let began = room.as_ptr() as usize;
    // A call that did not begin in the painted part could not be seen.
    if began > top {
        crate::emulator::exit(false)
    }
    began
}
